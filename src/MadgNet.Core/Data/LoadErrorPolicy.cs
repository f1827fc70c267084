namespace MadgNet.Core.Data;

/// <summary>What a loader does with a sample that cannot be loaded.</summary>
public enum LoadErrorPolicy
{
    /// <summary>Throws a <see cref="DataLoadException"/> that names the sample.</summary>
    Stop,

    /// <summary>Leaves the sample out, reports it (log, <see cref="BatchLoaderOptions.Failures"/>) and goes on with the next one.</summary>
    Skip,
}
