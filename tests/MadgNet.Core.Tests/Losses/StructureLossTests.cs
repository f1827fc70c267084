using MadgNet.Core.Losses;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Losses;

public sealed class StructureLossTests
{
    [Theory]
    [InlineData(StructureLossForm.PerPixel, "structure_per_pixel")]
    [InlineData(StructureLossForm.BatchMean, "structure_batch_mean")]
    public void Value_and_gradient_equal_the_golden_ones(StructureLossForm form, string name)
    {
        using Fixture fixture = Fixture.Open("losses");
        using Tensor logits = GoldenLosses.Logits(fixture).requires_grad_();
        using Tensor loss = new StructureLoss(form).Compute(logits, fixture["mask"]);
        loss.backward();
        using Tensor? gradient = logits.grad;
        Close.Relative(fixture[name], loss, 1e-5, name);
        Close.Relative(fixture[name + "_grad"], gradient!, 1e-5, name + "_grad");
    }

    [Fact]
    public void Pixel_weights_equal_the_golden_ones()
    {
        using Fixture fixture = Fixture.Open("losses");
        using Tensor weights = StructureLoss.PixelWeights(fixture["mask"]);
        Close.Relative(fixture["pixel_weight"], weights, 1e-6, "pixel_weight");
    }

    [Fact]
    public void A_form_that_does_not_exist_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => new StructureLoss((StructureLossForm)7));
}
