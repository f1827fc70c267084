using MadgNet.Core.Runtime;

namespace MadgNet.Cli.CommandLine;

/// <summary>Whether libtorch may use oneDNN, by an environment variable: it is for a machine, not for a command.</summary>
internal static class ArithmeticChoice
{
    public const string Variable = "MADGNET_ONEDNN";

    /// <summary>What the variable says; <see cref="OneDnnMode.Auto"/> where it is not set.</summary>
    /// <exception cref="UsageException">It says something else.</exception>
    public static OneDnnMode OfEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        return text?.ToLowerInvariant() switch
        {
            null or "" or "auto" => OneDnnMode.Auto,
            "on" => OneDnnMode.On,
            "off" => OneDnnMode.Off,
            _ => throw new UsageException(new Problem(
                $"environment variable {Variable}", text, "auto, on or off", "Set it to one of the three, or remove it")),
        };
    }
}
