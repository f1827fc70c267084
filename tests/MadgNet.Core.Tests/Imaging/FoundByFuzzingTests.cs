using MadgNet.Core.Imaging;
using MadgNet.Core.Metrics;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Imaging;

/// <summary>
/// Inputs on which a reader once failed with something else than an exception of the library; <c>./build.sh soak fuzz</c> looks for more.
/// </summary>
public sealed class FoundByFuzzingTests
{
    [Fact]
    public void A_picture_whose_compression_asks_for_a_dictionary_is_refused() =>
        Assert.Throws<ImageReadException>(() => new ImageReader().Read(
            PathOf("preset_dictionary.png"), new ImageReadOptions { PaletteIndices = true }));

    [Fact]
    public void A_window_into_a_file_with_text_for_a_number_is_refused() =>
        Assert.Throws<ImageReadException>(() =>
        {
            using TiffImageSource source = TiffImageSource.Open(PathOf("window_number.tif"));
            return source.Read(0, 0, 1, 1);
        });

    [Fact]
    public void A_threshold_for_a_metric_that_is_a_number_is_refused() =>
        Assert.Throws<EvaluationException>(() => ThresholdSelection.LoadJson(PathOf("metric_number.json")));

    private static string PathOf(string name) => Fixture.PathOf(Path.Combine("fuzz", name));
}
