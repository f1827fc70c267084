namespace MadgNet.Studies.Reporting;

/// <summary>Which test sets a number of a report is about.</summary>
public enum StudyScope
{
    /// <summary>The sets that the variant was trained on (other images of them).</summary>
    Seen,

    /// <summary>The sets that it was not trained on.</summary>
    Unseen,
}
