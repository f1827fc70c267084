namespace MadgNet.Core.Inference.Visualization;

/// <summary>What <see cref="AttentionReport.Save"/> writes.</summary>
[Flags]
public enum AttentionContent
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Sheets that show everything at a glance, as PNG.</summary>
    Sheets = 1,

    /// <summary>Every map as a picture of its own, as PNG.</summary>
    Pictures = 2,

    /// <summary>Scalars, weights and statistics, as CSV and JSON.</summary>
    Tables = 4,

    /// <summary>Every map with all its bits, as <c>.npy</c>.</summary>
    Maps = 8,

    /// <summary>Everything.</summary>
    All = Sheets | Pictures | Tables | Maps,
}
