@echo off
rem The one door to this repository on Windows; the same commands as build.sh. See 'build.cmd help'.
setlocal
cd /d "%~dp0"
set "DOTNET_NOLOGO=1"
set "DOTNET_CLI_TELEMETRY_OPTOUT=1"
set "MSBUILDDISABLENODEREUSE=1"
set "COMMAND=%~1"
if "%COMMAND%"=="" goto help

rem What follows the command, as it was written: %1, %2 ... would part --name=value in two.
set ALL=%*
call set REST=%%ALL:*%1=%%

rem --backend NAME may stand before the command's own arguments.
if /i not "%~2"=="--backend" goto backend_chosen
set "TorchBackend=%~3"
if "%TorchBackend%"=="cpu" goto backend_known
if "%TorchBackend%"=="cuda-windows" goto backend_known
if "%TorchBackend%"=="cuda-linux" goto backend_known
echo build.cmd: --backend: received '%TorchBackend%'; expected cpu, cuda-windows or cuda-linux. 1>&2
exit /b 2
:backend_known
call set REST=%%REST:*%3=%%
:backend_chosen

if /i "%COMMAND%"=="help" goto help
if /i "%COMMAND%"=="-h" goto help
if /i "%COMMAND%"=="--help" goto help

where dotnet >nul 2>nul
if errorlevel 1 (
    echo build.cmd: the .NET SDK is missing: 'dotnet' was not found. 1>&2
    echo Cure: install the .NET 10 SDK and open a new terminal. 1>&2
    exit /b 2
)
dotnet --version >nul 2>nul
if errorlevel 1 (
    echo build.cmd: no .NET SDK that global.json accepts. 1>&2
    echo Cure: install the .NET 10 SDK, 10.0.100 or newer. 1>&2
    exit /b 2
)

if /i "%COMMAND%"=="quickstart" goto quickstart
if /i "%COMMAND%"=="test" goto test
if /i "%COMMAND%"=="pack" goto pack
if /i "%COMMAND%"=="docs" goto docs
if /i "%COMMAND%"=="bench" goto measure
if /i "%COMMAND%"=="soak" goto measure
if /i "%COMMAND%"=="api" goto api
echo build.cmd: unknown command '%COMMAND%'. 1>&2
call :usage 1>&2
exit /b 2

:quickstart
call :build samples\QuickStart
if errorlevel 1 exit /b 1
echo == Running samples\QuickStart
dotnet run --project samples\QuickStart -c Release --no-build -- %REST%
exit /b %ERRORLEVEL%

:test
call :build MadgNet.Core.sln
if errorlevel 1 exit /b 1
echo == Running the tests
dotnet run eng\RunTests.cs -- %REST%
exit /b %ERRORLEVEL%

:pack
echo == Packing into artifacts\packages
dotnet run eng\Pack.cs
exit /b %ERRORLEVEL%

:docs
call :build MadgNet.Core.sln
if errorlevel 1 exit /b 1
echo == Building the documentation site into artifacts\site
dotnet tool restore -v q
if errorlevel 1 exit /b 1
dotnet run eng\Docs.cs
exit /b %ERRORLEVEL%

:measure
call :build tests\MadgNet.Core.Benchmarks
if errorlevel 1 exit /b 1
dotnet run --project tests\MadgNet.Core.Benchmarks -c Release --no-build -- %COMMAND% %REST%
exit /b %ERRORLEVEL%

:api
dotnet run eng\UpdatePublicApi.cs
exit /b %ERRORLEVEL%

:build
echo == Restoring packages (the first time fetches libtorch, a few hundred megabytes)
dotnet restore %1 -v q
if errorlevel 1 exit /b 1
echo == Building %1 (Release)
dotnet build %1 -c Release --no-restore -v q -clp:NoSummary
exit /b %ERRORLEVEL%

:help
call :usage
exit /b 0

:usage
echo build.cmd COMMAND
echo.
echo   quickstart [ARG...]  train, evaluate and picture the sample of this repository; arguments go to the sample
echo   test [ARG...]        build everything and run the tests; arguments go to 'dotnet test'
echo   pack                 build the packages into artifacts\packages
echo   docs                 build the documentation site into artifacts\site
echo   bench NAME           measure; without a name, list what there is
echo   soak NAME [COUNT]    repeat something COUNT times and check that it does not wear out
echo   api                  rewrite PublicAPI.Unshipped.txt after public members changed
echo   help                 this text
echo.
echo Before the first argument of its own, each command takes --backend cpu, cuda-windows or cuda-linux, as does
echo the environment variable TorchBackend; without either, cpu.
exit /b 0
