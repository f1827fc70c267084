namespace MadgNet.Core.Data;

/// <summary>How much a finding matters.</summary>
public enum FindingSeverity
{
    /// <summary>Worth knowing; nothing has to be done.</summary>
    Note,

    /// <summary>Training runs, but its result may be worse or its scores wrong.</summary>
    Warning,

    /// <summary>The sample cannot be used as it is.</summary>
    Error,
}
