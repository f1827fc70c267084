namespace MadgNet.Cli.CommandLine;

/// <summary>What the process answers; scripts depend on it.</summary>
internal static class ExitCode
{
    /// <summary>Everything that was asked for is done.</summary>
    public const int Done = 0;

    /// <summary>Something was found wrong, or a part or the whole failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line cannot be understood; nothing was begun.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C or SIGTERM; what was done so far is kept.</summary>
    public const int Cancelled = 130;
}
