using MadgNet.Core.Losses;

namespace MadgNet.Core.Tests.Support;

/// <summary>One instance of every loss, so that what holds for all of them is tested on all of them.</summary>
internal static class LossCatalogue
{
    private static readonly Dictionary<string, Func<LossReduction, IReadOnlyList<double>?, SegmentationLoss>> Losses = new()
    {
        ["structure per pixel"] = (
            reduction, weights) => new StructureLoss(StructureLossForm.PerPixel) { Reduction = reduction, LabelWeights = weights },
        ["structure batch mean"] = (
            reduction, weights) => new StructureLoss(StructureLossForm.BatchMean) { Reduction = reduction, LabelWeights = weights },
        ["binary cross-entropy"] = (reduction, weights) => new BinaryCrossEntropyLoss { Reduction = reduction, LabelWeights = weights },
        ["mean squared error"] = (reduction, weights) => new MeanSquaredErrorLoss { Reduction = reduction, LabelWeights = weights },
        ["Dice"] = (reduction, weights) => new DiceLoss { Reduction = reduction, LabelWeights = weights },
        ["Jaccard"] = (reduction, weights) => new JaccardLoss { Reduction = reduction, LabelWeights = weights },
        ["Tversky"] = (reduction, weights) => new TverskyLoss { Reduction = reduction, LabelWeights = weights },
        ["focal"] = (reduction, weights) => new FocalLoss { Reduction = reduction, LabelWeights = weights },
        ["focal Tversky"] = (reduction, weights) => new FocalTverskyLoss { Reduction = reduction, LabelWeights = weights },
        ["Lovasz hinge"] = (reduction, weights) => new LovaszHingeLoss { Reduction = reduction, LabelWeights = weights },
        ["Matthews correlation"] = (reduction, weights) => new MatthewsCorrelationLoss { Reduction = reduction, LabelWeights = weights },
        ["log-cosh Dice"] = (reduction, weights) => new LogCoshDiceLoss { Reduction = reduction, LabelWeights = weights },
        ["signed distance boundary"] = (
            reduction, weights) => new SignedDistanceBoundaryLoss { Reduction = reduction, LabelWeights = weights },
        ["Hausdorff distance"] = (reduction, weights) => new HausdorffDistanceLoss { Reduction = reduction, LabelWeights = weights },
        ["Dice of soft labels"] = (reduction, weights) => new DiceLoss { SoftLabels = true, Reduction = reduction, LabelWeights = weights },
        ["Tversky of soft labels"] = (
            reduction, weights) => new TverskyLoss { SoftLabels = true, Reduction = reduction, LabelWeights = weights },
        ["focal without alpha"] = (reduction, weights) => new FocalLoss(alpha: null) { Reduction = reduction, LabelWeights = weights },
        ["centre-line Dice"] = (reduction, weights) => new ClDiceLoss { Reduction = reduction, LabelWeights = weights },
        ["weighted sum"] = (
            reduction,
            weights) => new WeightedSumLoss(
                (0.5, new DiceLoss()), (2, new BinaryCrossEntropyLoss()))
            { Reduction = reduction, LabelWeights = weights },
    };

    public static IReadOnlyCollection<string> Names => Losses.Keys;

    public static SegmentationLoss Create(
        string name, LossReduction reduction = LossReduction.Mean, IReadOnlyList<double>? labelWeights = null) =>
        Losses[name](reduction, labelWeights);
}
