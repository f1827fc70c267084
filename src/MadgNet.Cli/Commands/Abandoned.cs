using MadgNet.Cli.Output;

namespace MadgNet.Cli.Commands;

/// <summary>Temporary files of commands that were killed.</summary>
internal static class Abandoned
{
    /// <summary>Removes them from a folder; where that fails, results are written all the same.</summary>
    public static void RemoveFrom(string folder, CommandOutput output)
    {
        try
        {
            AtomicFile.RemoveAbandoned(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            output.Warn($"{folder}: temporary files of a command that was killed cannot be removed ({exception.Message})");
        }
    }
}
