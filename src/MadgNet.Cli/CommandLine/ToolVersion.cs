using System.Reflection;

namespace MadgNet.Cli.CommandLine;

/// <summary>The version of the tool, without its commit.</summary>
internal static class ToolVersion
{
    public static string Text { get; } =
        (typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "unknown").Split('+')[0];
}
