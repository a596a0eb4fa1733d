@echo off
rem Watch closewright work a mixed batch on the bundled mock portal; the last line is the report's path.
cd /d "%~dp0.."
py -3 scripts\setup.py demo || exit /b 2
.venv\Scripts\closewright.exe demo %*
