#!/usr/bin/env bash
# run_cluster.sh as a job script: finds the project, installs nothing, requeues on 75 and resumes when started again.
# shellcheck source=tests/end_to_end/run_cluster_project.sh
source "$(dirname "${BASH_SOURCE[0]}")/run_cluster_project.sh"
[[ -n ${OPTEX_MPIEXEC:-} ]] || exit 77
config=project/configs/success.toml

# Slurm runs a copy of the script from its own folder.
mkdir spool
cp project/run_cluster.sh spool/slurm_script
stub scontrol 'echo "scontrol $*" >>"$(dirname "$0")/scontrol.txt"
case "$1 $2" in
  "show job") echo "   Command=$(dirname "$0")/../project/run_cluster.sh $config" ;;
esac'
stub sleep 'exit 0'
# A launcher that believes to be in a real job would ask Slurm for its nodes; this one only counts.
stub launch 'shift; export OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=$1; shift; exec "$@"'
export OPTEX_MPIEXEC=$PWD/stubs/launch
export SLURM_JOB_ID=17 SLURM_SUBMIT_DIR=/ SLURM_TASKS_PER_NODE="2(x3),1"

expect_code 0 spool/slurm_script "$config" --run.seed=1
expect_text out.txt "size 7 arguments run $config --run.seed=1"
SLURM_NTASKS=5 expect_code 0 spool/slurm_script "$config"
expect_text out.txt "size 5 "

# The same folder under another name is the same project.
mkdir -p elsewhere
cp stubs/scontrol scontrol.txt
stub scontrol 'echo "   Command=$OLDPWD/elsewhere/../project/run_cluster.sh"'
(cd elsewhere && expect_code 0 ../spool/slurm_script "../$config") || exit 1
[[ $(wc -l <project/configured.txt) == 1 ]] || wrong "configured again"
mv scontrol.txt stubs/scontrol

# Started again: whatever was asked for at first, it goes on.
SLURM_RESTART_COUNT=1 expect_code 0 spool/slurm_script "$config" --force
expect_text out.txt "arguments run $config --resume"
expect_no_text out.txt "--force"

expect_no_text stubs/scontrol.txt requeue
echo 'exit 75' >project/configs/interrupted.toml
expect_code 75 spool/slurm_script project/configs/interrupted.toml
expect_text stubs/scontrol.txt "scontrol requeue 17"
expect_text err.txt "back in the queue"
# No time to get anywhere: no endless round through the queue. A round that is only begun, again and again, is no progress.
requeued() { # TIMES RESTART_COUNT OPTION...: asked for so many more
  rm -f stubs/scontrol.txt
  SLURM_RESTART_COUNT=$2 expect_code 75 spool/slurm_script project/configs/interrupted.toml "${@:3}"
  [[ $(grep -c requeue stubs/scontrol.txt) == "$1" ]] || wrong "start $2 was put back into the queue $(grep -c requeue stubs/scontrol.txt) times"
}
echo 'status 75 "${ROUNDS:-1}"; echo new >runs/stand_in/unfinished-round.h5; exit 75' >project/configs/interrupted.toml
requeued 1 0
requeued 0 1
ROUNDS=2 requeued 1 2
ROUNDS=2 requeued 0 3
ROUNDS=3 requeued 1 4 --restarts 2
ROUNDS=3 requeued 1 5 --restarts 2
ROUNDS=3 requeued 1 6 --restarts 2
ROUNDS=3 requeued 0 7 --restarts 2
expect_text err.txt "ask for more time"
rm -r runs
echo 'exit 75' >project/configs/interrupted.toml
rm stubs/scontrol.txt
SLURM_RESTART_COUNT=1 expect_code 75 spool/slurm_script project/configs/interrupted.toml
expect_text err.txt "ask for more time"
expect_no_text stubs/scontrol.txt requeue

# Submitted from the project's folder, with no scontrol that answers.
stub scontrol 'exit 1'
SLURM_SUBMIT_DIR=$PWD/project expect_code 0 spool/slurm_script "$config"
SLURM_SUBMIT_DIR=/ expect_code 8 spool/slurm_script "$config"
expect_text err.txt "submit from its folder"
