# Read by test drivers: PYTHON, a python3 that has numpy (the first on the path
# may be one of the user's own without it), or nothing.
PYTHON=
for python in python3 /usr/bin/python3; do
    "$python" -c 'import numpy' 2> /dev/null && { PYTHON=$python; break; }
done
export PYTHON
