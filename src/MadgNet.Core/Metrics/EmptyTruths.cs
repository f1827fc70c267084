namespace MadgNet.Core.Metrics;

/// <summary>
/// What the means of a report do with a label of a case whose truth is empty. The values of the cases are the same whatever is chosen.
/// </summary>
public enum EmptyTruths
{
    /// <summary>They count with their values: 1 for an empty prediction, for example, where there was nothing to find, else 0.</summary>
    Scored,

    /// <summary>They are left out, whatever was predicted, as MONAI's <c>ignore_empty=True</c> does.</summary>
    LeftOut,

    /// <summary>They are left out where the prediction at the threshold is empty as well, as torchmetrics leaves out 0/0; a false alarm
    /// counts.</summary>
    LeftOutWhereAgreed,
}
