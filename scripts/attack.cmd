@echo off
rem Attack closewright with N mutated pages of the mock portal; judged by its ledger.
cd /d "%~dp0.."
py -3 scripts\setup.py dev || exit /b 2
.venv\Scripts\python.exe -m tests.security %*
