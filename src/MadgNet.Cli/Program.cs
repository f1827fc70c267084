using System.Globalization;
using MadgNet.Cli.CommandLine;
using MadgNet.Cli.Output;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
(SafeWriter output, SafeWriter error) = StandardStreams.Install();
using var interruption = new Interruption();
return StandardStreams.ExitCode(CommandLineTool.Run(args, interruption.Token), output, error);
