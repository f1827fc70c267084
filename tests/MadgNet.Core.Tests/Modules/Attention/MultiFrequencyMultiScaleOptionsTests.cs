using MadgNet.Core.Modules.Attention;

namespace MadgNet.Core.Tests.Modules.Attention;

public class MultiFrequencyMultiScaleOptionsTests
{
    [Fact]
    public void Defaults_are_the_published()
    {
        var options = new MultiFrequencyMultiScaleOptions();
        Assert.Equal(
            (3, 16, FrequencySelection.Top, true, 32, 8, null),
            (options.Scales,
                options.Frequencies,
                options.Selection,
                options.SpatialAttention,
                options.MinimumChannels,
                options.MinimumResolution,
                options.DctSize));
        Assert.Empty(options.Validate());
    }

    [Theory]
    [InlineData(32, 112)]
    [InlineData(64, 56)]
    [InlineData(128, 28)]
    [InlineData(256, 14)]
    [InlineData(512, 7)]
    [InlineData(1, 112)]
    [InlineData(100, 35)]
    [InlineData(4096, 7)]
    public void The_published_DCT_sizes_continue_to_every_width(long channels, int size) =>
        Assert.Equal(size, MultiFrequencyMultiScaleOptions.PublishedDctSize(channels));

    [Fact]
    public void The_published_DCT_size_of_no_channels_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MultiFrequencyMultiScaleOptions.PublishedDctSize(0));

    [Fact]
    public void No_frequencies_and_thirty_two_are_legal_and_their_neighbours_are_not()
    {
        Assert.Empty(new MultiFrequencyMultiScaleOptions { Frequencies = 0 }.Validate());
        Assert.Empty(new MultiFrequencyMultiScaleOptions { Frequencies = 32 }.Validate());
        Assert.Single(new MultiFrequencyMultiScaleOptions { Frequencies = -1 }.Validate());
        Assert.Single(new MultiFrequencyMultiScaleOptions { Frequencies = 33 }.Validate());
    }
}
