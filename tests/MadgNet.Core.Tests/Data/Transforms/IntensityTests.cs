using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data.Transforms;

public sealed class IntensityTests
{
    [Fact]
    public void Min_max_stretches_over_all_channels_together()
    {
        var image = new FloatImage(3, 1, 1, [0.2f, 0.4f, 0.6f]);
        Assert.Equal([0f, 0.5f, 1f], Apply(new MinMaxIntensity(), image).Data.ToArray().Select(value => MathF.Round(value, 5)));
    }

    [Fact]
    public void Min_max_makes_a_constant_image_black() =>
        Assert.Equal([0f, 0f], Apply(new MinMaxIntensity(), new FloatImage(1, 1, 2, [0.7f, 0.7f])).Data.ToArray());

    [Fact]
    public void ImageNet_normalisation_uses_its_numbers()
    {
        FloatImage image = Apply(Normalize.ImageNet, new FloatImage(3, 1, 1, [0.485f + 0.229f, 0.456f, 0.406f - 0.225f]));
        Assert.Equal(1, image.Data[0], 5);
        Assert.Equal(0, image.Data[1], 5);
        Assert.Equal(-1, image.Data[2], 5);
    }

    [Fact]
    public void Normalisation_for_another_number_of_channels_is_refused_with_the_sample_named()
    {
        var error = Assert.Throws<DatasetException>(() => Apply(Normalize.ImageNet, new FloatImage(1, 1, 1)));
        Assert.Contains("case", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Full_turn_of_the_hue_is_no_turn()
    {
        // Half a turn applied twice: every colour comes back.
        var image = new FloatImage(3, 1, 3, [0.9f, 0.1f, 0.4f, 0.2f, 0.7f, 0.4f, 0.3f, 0.6f, 0.4f]);
        var jitter = new ColorJitter { Hue = 0.5 };
        var random = new FixedRandom(1.0);
        FloatImage twice = Apply(jitter, Apply(jitter, image, random), random);
        for (int i = 0; i < 9; i++)
        {
            Assert.Equal(image.Data[i], twice.Data[i], 4);
        }
    }

    [Fact]
    public void No_saturation_is_grey()
    {
        FloatImage grey = Apply(new ColorJitter { Saturation = 1 }, new FloatImage(3, 1, 1, [0.9f, 0.5f, 0.1f]), new FixedRandom(0));
        Assert.Equal(0.574f, grey.Data[0], 4);
        Assert.Equal(grey.Data[0], grey.Data[1], 5);
        Assert.Equal(grey.Data[0], grey.Data[2], 5);
    }

    [Fact]
    public void Blur_keeps_a_constant_image_and_spreads_a_point()
    {
        var flat = new FloatImage(1, 6, 5, [.. Enumerable.Repeat(0.25f, 30)]);
        Assert.All(Apply(new GaussianBlur(3), flat).Data.ToArray(), value => Assert.Equal(0.25f, value, 5));
        var point = new FloatImage(1, 31, 31);
        point[0, 15, 15] = 1;
        FloatImage blurred = Apply(new GaussianBlur(2), point, new FixedRandom(1.0));
        Assert.Equal(1, blurred.Data.ToArray().Sum(), 4);
        // The Gaussian's peak, 1 / (2πσ²), within what cutting it at 3σ and sampling it at pixels change.
        Assert.InRange(blurred[0, 15, 15], 0.98f / (2 * MathF.PI * 4), 1.02f / (2 * MathF.PI * 4));
    }

    [Fact]
    public void Noise_has_the_drawn_deviation()
    {
        var flat = new FloatImage(1, 100, 100, [.. Enumerable.Repeat(0.5f, 10_000)]);
        float[] noise = [.. Apply(new GaussianNoise(0.1), flat, new SampleRandom(1, 1, 1)).Data.ToArray().Select(value => value - 0.5f)];
        double sigma = new SampleRandom(1, 1, 1).NextDouble() * 0.1;
        // The standard error of a deviation from 10 000 values is σ/√20 000; five of them.
        Assert.InRange(Math.Sqrt(noise.Average(value => value * value)) / sigma, 1 - 0.036, 1 + 0.036);
    }

    [Fact]
    public void Amplitude_mixing_with_the_image_itself_changes_nothing()
    {
        Sample sample = Samples.Create("case", 3, 12, 10);
        var transform = new FourierAmplitudeMixing(new InMemoryDataset([sample]));
        FloatImage mixed = transform.Apply(sample, new SampleRandom(1, 1, 1)).Image;
        for (int i = 0; i < mixed.Data.Length; i++)
        {
            Assert.Equal(sample.Image.Data[i], mixed.Data[i], 4);
        }
    }

    [Fact]
    public void Amplitude_mixing_of_the_mean_only_takes_over_the_brightness()
    {
        // A band that holds the lowest frequency alone: the mean goes to the style's, the differences stay.
        var image = new FloatImage(1, 8, 8, [.. Enumerable.Range(0, 64).Select(i => 0.3f + (0.001f * i))]);
        var style = new Sample("style", new FloatImage(1, 8, 8, [.. Enumerable.Repeat(0.5f, 64)]), []);
        var transform = new FourierAmplitudeMixing(new InMemoryDataset([style]), 1, 0.1);
        FloatImage mixed = Apply(transform, image, new FixedRandom(1.0));
        Assert.Equal(0.5f, mixed.Data.ToArray().Average(), 4);
        Assert.Equal(0.063f, mixed.Data[63] - mixed.Data[0], 4);
    }

    private static FloatImage Apply(SegmentationTransform transform, FloatImage image, Random? random = null) =>
        transform.Apply(new Sample("case", image, []), random ?? new SampleRandom(0, 0, 0)).Image;

    /// <summary>Draws the same share of every range.</summary>
    private sealed class FixedRandom(double value) : Random
    {
        public override double NextDouble() => value;

        public override int Next(int maxValue) => 0;
    }
}
