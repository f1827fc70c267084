namespace MadgNet.Core.Metrics;

/// <summary>
/// The conventions of a set of metrics. Published numbers disagree because every code base measures something else under
/// the same name: a number is comparable only with numbers of the same profile.
/// </summary>
public enum MetricProfile
{
    /// <summary>
    /// The definitions of the metrics' own papers, as the PySODMetrics package computes them of a map that reaches from 0 to 1: Dice
    /// and IoU without smoothing, structure, alignment, F measures and errors on the probabilities.
    /// <para>Two things differ from that package. It stretches every map to its own minimum and maximum first, so that a pale map scores
    /// as a bold one: <see cref="MetricOptions.StretchMaps"/> does the same. And its Cohen's kappa is wrong: the chance agreement there
    /// multiplies the predicted background by TN + TP where the true background, TN + FP, is meant;
    /// <see cref="ConfusionCounts.CohensKappa"/> is Cohen's own. A quotient 0/0 is 0 there, and 1 here where both masks agree.</para>
    /// </summary>
    Standard,

    /// <summary>
    /// What MADGNet's published evaluation code computes, errors included: the prediction is binarised first for every metric;
    /// Dice and IoU are smoothed by 1e-5; the weighted F measure has an ε of 1e-6 and the alignment measure one of 1e-8; and the
    /// structure measure departs from its paper as <see cref="StructureMeasure"/> describes, so that a perfect prediction
    /// scores about 1 − u/2, u being the share of foreground. The published numbers are means over the images at the network's
    /// resolution. Choose it to compare with MADGNet's tables and with nothing else.
    /// </summary>
    MadgNetOfficial,
}
