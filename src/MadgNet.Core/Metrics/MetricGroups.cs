namespace MadgNet.Core.Metrics;

/// <summary>Groups of metrics that are computed together, to leave out what a caller does not need.</summary>
[Flags]
public enum MetricGroups
{
    /// <summary>No metric.</summary>
    None = 0,

    /// <summary>What follows from the confusion table at the threshold: Dice to Cohen's kappa.</summary>
    Overlap = 1,

    /// <summary>Structure, weighted F, alignment and F measures and the mean absolute error.</summary>
    Structure = 2,

    /// <summary>Average precision and ROC AUC over the pixels.</summary>
    Ranking = 4,

    /// <summary>Brier score and expected calibration error.</summary>
    Calibration = 8,

    /// <summary>Distances between the borders.</summary>
    Surface = 16,

    /// <summary>Precision and recall of connected components.</summary>
    Components = 32,

    /// <summary>Dice and intersection over union, averaged over 256 thresholds.</summary>
    Thresholds = 64,

    /// <summary>What is computed where nothing else is asked for: all groups but <see cref="Thresholds"/>.</summary>
    Usual = Overlap | Structure | Ranking | Calibration | Surface | Components,

    /// <summary>All metrics.</summary>
    All = Usual | Thresholds,
}
