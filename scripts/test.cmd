@echo off
rem Run the tests; arguments go to pytest.
cd /d "%~dp0.."
py -3 scripts\setup.py dev || exit /b 2
.venv\Scripts\python.exe -m pytest -n 4 --dist worksteal %*
