using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Attention.Recording;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Tests.Modules.Attention.Recording;

public class AttentionRecorderTests
{
    [Fact]
    public void Records_survive_the_scope_of_the_pass_and_are_disposed_with_the_recorder()
    {
        using var attention = new MultiFrequencyChannelAttention(3, 7, 2);
        var recorder = new AttentionRecorder();
        using (NewDisposeScope())
        {
            attention.ForwardWithAttention(BlockProperty.Input(1, 3, 7, 7), recorder);
        }

        ChannelAttentionRecord record = recorder.Of<ChannelAttentionRecord>().Single();
        Assert.Equal([1L, 3], record.Weights.shape);
        Assert.False(record.Weights.requires_grad);
        recorder.Dispose();
        Assert.All([record.Average, record.Maximum!, record.Minimum!, record.Weights], tensor => Assert.True(tensor.IsInvalid));
        Assert.Empty(recorder.Records);
    }

    [Fact]
    public void One_recorder_follows_several_passes_until_it_is_cleared()
    {
        using var scope = NewDisposeScope();
        using var attention = new MultiScaleSpatialAttention(3);
        using var recorder = new AttentionRecorder();
        Tensor input = BlockProperty.Input(1, 3, 4, 4);
        attention.ForwardWithAttention(input, recorder);
        attention.ForwardWithAttention(input, recorder);
        Assert.Equal(2, recorder.Of<SpatialAttentionRecord>().Count());
        Assert.Empty(recorder.Of<SplitAttentionRecord>());
        recorder.Clear();
        Assert.Empty(recorder.Records);
    }

    [Fact]
    public void A_record_is_a_copy_that_later_changes_of_the_output_do_not_reach()
    {
        using var scope = NewDisposeScope();
        using var decoder = new ParallelSubDecoder(2, 1, 1);
        using var recorder = new AttentionRecorder();
        using var noGrad = no_grad();
        TaskMaps maps = decoder.ForwardWithAttention(BlockProperty.Input(1, 2, 3, 3), recorder);
        Tensor before = recorder.Of<SubDecoderRecord>().Single().Region.clone();
        maps.Region.zero_();
        Bits.Equal(before, recorder.Of<SubDecoderRecord>().Single().Region, "recorded region");
    }

    [Fact]
    public void A_recorder_is_required()
    {
        using var attention = new MultiScaleSpatialAttention(3);
        using Tensor input = BlockProperty.Input(1, 3, 4, 4);
        Assert.Throws<ArgumentNullException>(() => attention.ForwardWithAttention(input, null!));
    }
}
