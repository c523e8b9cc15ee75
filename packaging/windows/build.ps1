# Builds dist\keeperdb.msi on Windows. Needs Python 3.11 or newer and WiX 5 (dotnet tool install --global wix).
# It has never been run: this project is built on Linux.
$ErrorActionPreference = "Stop"
Set-StrictMode -Version Latest
Set-Location (Join-Path $PSScriptRoot "..\..")

python -m venv .venv
$python = ".venv\Scripts\python.exe"
& $python -m pip install --quiet --require-hashes -r requirements\dev.txt
& $python packaging\desktop\render_icons.py build\icons --ico build\keeperdb.ico
& $python -m PyInstaller --noconfirm --log-level ERROR --distpath dist --workpath build packaging\desktop\keeperdb.spec
$version = & $python -c "import keeperdb; print(keeperdb.__version__)"
wix build packaging\windows\keeperdb.wxs -d "Version=$version" -o "dist\keeperdb-$version.msi"
