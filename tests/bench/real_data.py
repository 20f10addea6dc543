#!/usr/bin/env python3
"""real_data.py FOLDER: writes scikit-learn's breast_cancer.csv and digits.csv, the class in the last column (for rounds --smooth --data FOLDER)."""
import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, data in (("breast_cancer", load_breast_cancer()), ("digits", load_digits())):
    np.savetxt(folder / f"{name}.csv", np.column_stack([data.data, data.target]), delimiter=",", fmt="%.17g")
