@echo off
rem The tests on real back offices (all, or those named): passed, failed (1), or not installable here (3).
cd /d "%~dp0.."
py -3 scripts\setup.py dev || exit /b 2
.venv\Scripts\python.exe -m tests.real %*
