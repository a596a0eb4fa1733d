@echo off
rem Kill the agent at every boundary while the portal misbehaves; judged by the portal's ledger.
cd /d "%~dp0.."
py -3 scripts\setup.py dev || exit /b 2
.venv\Scripts\python.exe -m tests.chaos %*
