using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MadgNet.Core.Runtime;

/// <summary>How the process uses libtorch, see <see cref="NativeRuntime.Configure"/>.</summary>
public sealed record NativeRuntimeOptions
{
    /// <summary>Whether libtorch may compute with oneDNN. Default <see cref="OneDnnMode.Auto"/>.</summary>
    public OneDnnMode OneDnn { get; init; } = OneDnnMode.Auto;

    /// <summary>Is told once what was switched off or repaired, and why. Default: nobody.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Everything that is wrong with these options; empty when nothing is.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<Problem> Validate()
    {
        var problems = new List<Problem>();
        problems.AddRange(Problem.Undefined(nameof(OneDnn), OneDnn));

        if (Logger is null)
        {
            problems.Add(new Problem(nameof(Logger), "null", "a logger", "Leave the default or set a logger"));
        }

        return problems;
    }
}
