namespace MadgNet.Core.Modules.Attention;

/// <summary>
/// Which of the 7×7 two-dimensional DCT frequencies an attention block looks at first (paper, section 4.4; the ranking
/// is that of FcaNet, Qin et al., ICCV 2021, by the classification accuracy of each single frequency).
/// </summary>
public enum FrequencySelection
{
    /// <summary>The frequencies that classify best, best first. The published choice.</summary>
    Top,

    /// <summary>The lowest frequencies, lowest first.</summary>
    Low,

    /// <summary>The frequencies that classify worst, worst first.</summary>
    Bottom,
}
