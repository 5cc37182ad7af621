#!/usr/bin/env bash
# import-linter 2.16 (grimp 3.20) keeps a layers contract that is broken, without a word, where the module that breaks it
# stands in a folder without `__init__.py`: Python imports such a module, the graph of imports leaves it out. Only a whole
# layer that has no `__init__.py` is reported. With the file there, the same contract is broken.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet "import-linter==2.16" "grimp==3.20"
mkdir -p app/low/deep app/high
touch app/__init__.py app/low/__init__.py app/high/__init__.py
echo "import app.high" > app/low/deep/module.py
cat > .importlinter <<'INI'
[importlinter]
root_package = app
[importlinter:contract:layers]
name = low never uses high
type = layers
layers =
    app.high
    app.low
INI
venv/bin/pip list 2>/dev/null | grep -E "^(import-linter|grimp) "
venv/bin/python -c "import app.low.deep.module as found; print('Python imports', found.__name__, 'which uses', found.app.high.__name__)"
without=$(venv/bin/lint-imports --no-cache --no-logo || true)
echo "$without" | grep -E "Analyzed|Contracts:"
echo "$without" | grep -q "Contracts: 1 kept, 0 broken" || { echo "changed: without __init__.py it is not kept"; exit 1; }
touch app/low/deep/__init__.py
with=$(venv/bin/lint-imports --no-cache --no-logo || true)
echo "$with" | grep -E "Analyzed|Contracts:"
echo "$with" | grep -q "Contracts: 0 kept, 1 broken" || { echo "changed: with __init__.py it is not broken"; exit 1; }
