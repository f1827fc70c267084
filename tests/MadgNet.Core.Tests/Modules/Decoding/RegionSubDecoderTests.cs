using MadgNet.Core.Losses;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Folding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Decoding;

public class RegionSubDecoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void The_region_is_the_enlarged_head_and_there_is_nothing_else(int upscale)
    {
        using var scope = NewDisposeScope();
        Tensor input = BlockProperty.Input(2, 5, 4, 6);
        BlockProperty.Holds(
            () => new RegionSubDecoder(5, 2, upscale), decoder => [decoder.call(input).Region], [2, 2, 4 * upscale, 6 * upscale]);
        using var decoder = new RegionSubDecoder(5, 2, upscale);
        FixtureRule.Fill(decoder, "sub_decoder.");
        using var recorder = new AttentionRecorder();
        TaskMaps maps = decoder.ForwardWithAttention(input, recorder);
        Dictionary<string, Tensor> state = decoder.state_dict();
        Assert.Equal(["output_map_conv.bias", "output_map_conv.weight"], state.Keys.Order());
        Tensor head = nn.functional.conv2d(input, state["output_map_conv.weight"], state["output_map_conv.bias"]);
        Tensor expected = nn.functional.interpolate(
            head, [4 * upscale, 6 * upscale], mode: InterpolationMode.Bilinear, align_corners: true);
        Close.Relative(expected, maps.Region, 1e-6, "region");
        Assert.Null(maps.Distance);
        Assert.Null(maps.Boundary);
        Assert.False(decoder.HasAuxiliaryMaps);
        SubDecoderRecord record = recorder.Of<SubDecoderRecord>().Single();
        Close.Relative(head, record.Region, 1e-6, "recorded region");
        Assert.Null(record.Distance);
        using var noGrad = no_grad();
        Bits.Equal(maps.Region, decoder.PredictRegion(input), "predicted region");
        using IFolded folded = decoder.FoldRegion(ScalarType.Float32);
        Close.Relative(expected, folded.Run(input), 1e-6, "folded");
    }

    [Fact]
    public void The_loss_of_a_region_alone_is_that_of_its_term()
    {
        using var scope = NewDisposeScope();
        Tensor logits = BlockProperty.Input(2, 1, 8, 8);
        Tensor target = BlockProperty.Image(2, 1, 8, 8).round();
        var loss = new DeepSupervisionLoss();
        DeepSupervisionResult whole = loss.Compute([new TaskMaps(logits, logits, logits)], new TaskMaps(target, target, target));
        DeepSupervisionResult region = loss.Compute([new TaskMaps(logits)], new TaskMaps(target));
        TaskLossValues expected = whole.ReadStages()[0];
        Assert.Equal(new TaskLossValues(expected.Region, 0, 0), region.ReadStages()[0]);
        Assert.Equal(loss.Options.RegionWeight * expected.Region, region.Total.item<float>(), 1e-5);
        BlockProperty.FollowsTheMessageRule(
            Assert.Throws<InvalidMapException>(() => loss.Compute([new TaskMaps(logits, logits)], new TaskMaps(target))), "distance");
    }

    [Fact]
    public void Another_input_is_refused_and_nothing_is_left_behind()
    {
        using Tensor input = BlockProperty.Input(2, 5, 4, 6);
        using Tensor other = zeros(1, 4, 2, 2);
        TensorLeak.None(() =>
        {
            using var decoder = new RegionSubDecoder(5, 2, 2);
            BlockProperty.FollowsTheMessageRule(Assert.Throws<TensorShapeException>(() => decoder.call(other)), "RegionSubDecoder input");
            using (TaskMaps maps = decoder.call(input))
            {
                using Tensor sum = maps.Region.sum();
                sum.backward();
            }

            using var recorder = new AttentionRecorder();
            using TaskMaps recorded = decoder.ForwardWithAttention(input, recorder);
        });
    }
}
