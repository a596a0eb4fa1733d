@echo off
rem Every scripted scenario over pairwise combinations of skin and fault, eight times in a row.
cd /d "%~dp0.."
py -3 scripts\setup.py dev || exit /b 2
.venv\Scripts\python.exe -m tests.pass8 %*
