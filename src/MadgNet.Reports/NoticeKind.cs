namespace MadgNet.Reports;

/// <summary>How a notice on a page is meant.</summary>
public enum NoticeKind
{
    /// <summary>Something to know.</summary>
    Note,

    /// <summary>Something is as it should be.</summary>
    Good,

    /// <summary>Something to look at.</summary>
    Warning,

    /// <summary>Something is wrong.</summary>
    Error,
}
