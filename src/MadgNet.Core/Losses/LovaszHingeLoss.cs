using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Losses;

/// <summary>
/// Lovász hinge: the Lovász extension of the Jaccard loss at the hinge errors <c>max(0, 1 − x·(2g − 1))</c> of each map. A
/// convex surrogate of the intersection over union that acts on logits directly; targets are 0 or 1.
/// </summary>
/// <remarks>
/// <para>Source: Berman, Rannen Triki, Blaschko, "The Lovász-Softmax loss", CVPR 2018, section 2 and algorithm 1. Pixel
/// weights measure the sets whose Jaccard index is taken.</para>
/// <para>Empty truth: the Jaccard loss of any false positive is 1, so that the loss is the largest hinge error: the worst
/// pixel alone is punished. It is 0 where every logit is at most −1.</para>
/// </remarks>
public sealed class LovaszHingeLoss : SegmentationLoss
{
    /// <inheritdoc/>
    protected internal override Tensor ComputeMaps(Tensor logits, Tensor target, Tensor? weights)
    {
        Tensor errors = (logits * target.Times(2).Minus(1)).OneMinus().flatten(2);
        Tensor foreground = target.flatten(2);
        Tensor background = foreground.OneMinus();
        if (weights is not null)
        {
            Tensor measure = weights.flatten(2);

            // Below every error that counts, so that ignored pixels come last and add nothing to the sets before them.
            errors = errors.masked_fill(measure.eq(Scalars.Of(0L)), Scalars.Of(-1L));
            foreground = foreground * measure;
            background = background * measure;
        }

        (Tensor sorted, Tensor order) = errors.sort(2, descending: true);
        Tensor jaccard;
        using (no_grad())
        {
            Tensor total = foreground.sum(2, keepdim: true);
            Tensor intersection = total - foreground.gather(2, order).cumsum(2);
            Tensor union = total.Plus(background.gather(2, order).cumsum(2));
            jaccard = (intersection / union.clamp_min(Scalars.Of(1e-12))).OneMinus();
            Tensor before = jaccard.narrow(2, 0, jaccard.size(2) - 1);
            jaccard = cat([jaccard.narrow(2, 0, 1), jaccard.narrow(2, 1, jaccard.size(2) - 1) - before], 2);
        }

        return (sorted.relu() * jaccard).sum(2);
    }
}
