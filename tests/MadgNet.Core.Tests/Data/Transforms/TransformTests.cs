using CsCheck;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Imaging;
using MadgNet.Core.Tests.Support;

namespace MadgNet.Core.Tests.Data.Transforms;

/// <summary>What every transform keeps, tried on all of them.</summary>
public sealed class TransformTests
{
    private static readonly InMemoryDataset Styles = new([Samples.Create("style", 3, 20, 30)]);

    public static TheoryData<string> All => [.. Catalogue.Keys];

    /// <summary>Those that move pixels, under which a mask must move with its image.</summary>
    public static TheoryData<string> Geometric =>
    [
        nameof(HorizontalFlip), nameof(VerticalFlip), nameof(RandomRightAngle), nameof(RandomRotation), nameof(RandomAffine),
        nameof(ElasticDeformation), nameof(RandomCrop), nameof(RandomResizedCrop), nameof(Resize), nameof(Letterbox),
    ];

    private static Dictionary<string, SegmentationTransform> Catalogue => new()
    {
        [nameof(Compose)] = new Compose(new HorizontalFlip(), new RandomGamma()),
        [nameof(HorizontalFlip)] = new HorizontalFlip(),
        [nameof(VerticalFlip)] = new VerticalFlip(),
        [nameof(RandomRightAngle)] = new RandomRightAngle(),
        [nameof(RandomRotation)] = new RandomRotation(30),
        [nameof(RandomAffine)] = new RandomAffine { Degrees = 20, Scale = 1.3, ShearDegrees = 8, Shift = 0.1 },
        [nameof(ElasticDeformation)] = new ElasticDeformation(3, 8),
        [nameof(RandomCrop)] = new RandomCrop(14, 11),
        [nameof(RandomResizedCrop)] = new RandomResizedCrop(16, 24),
        [nameof(Resize)] = new Resize(19, 23),
        [nameof(Letterbox)] = new Letterbox(24, 24),
        [nameof(MinMaxIntensity)] = new MinMaxIntensity(),
        [nameof(ColorJitter)] = new ColorJitter { Brightness = 0.3, Contrast = 0.3, Saturation = 0.3, Hue = 0.2 },
        [nameof(RandomGamma)] = new RandomGamma(2),
        [nameof(GaussianBlur)] = new GaussianBlur(2),
        [nameof(GaussianNoise)] = new GaussianNoise(0.1),
        [nameof(FourierAmplitudeMixing)] = new FourierAmplitudeMixing(Styles),
        [nameof(Normalize)] = Normalize.ImageNet,
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Same_seed_gives_the_same_bits(string name)
    {
        Sample sample = Samples.Create();
        Sample one = Catalogue[name].Apply(sample, new SampleRandom(1, 2, 3));
        Sample other = Catalogue[name].Apply(sample, new SampleRandom(1, 2, 3));
        Assert.Equal(one.Image.Data.ToArray(), other.Image.Data.ToArray());
        Assert.Equal(one.Masks[0].Data.ToArray(), other.Masks[0].Data.ToArray());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Sample_that_is_handed_in_stays_as_it_is(string name)
    {
        Sample sample = Samples.Create();
        Catalogue[name].Apply(sample, new SampleRandom(1, 2, 3));
        Assert.Equal(Samples.Create().Image.Data.ToArray(), sample.Image.Data.ToArray());
        Assert.Equal(Samples.Create().Masks[0].Data.ToArray(), sample.Masks[0].Data.ToArray());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Any_size_and_channel_count_gives_finite_values_masks_of_0_to_1_and_the_original_size(string name)
    {
        SegmentationTransform transform = Catalogue[name];
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool, Gen.Int).Sample(
            (height, width, color, seed) =>
            {
                var sample = new Sample(
                    "case",
                    Samples.Ramp(color || name == nameof(Normalize) ? 3 : 1, height, width),
                    [Samples.Rectangle(height, width, 0, 0, (height + 1) / 2, (width + 1) / 2)]);
                Sample result = transform.Apply(sample, new SampleRandom(seed, 0, 0));
                foreach (float value in result.Image.Data)
                {
                    Assert.True(float.IsFinite(value) && (name == nameof(Normalize) || value is >= -1e-6f and <= 1 + 1e-6f));
                }

                foreach (float value in result.Masks[0].Data)
                {
                    Assert.InRange(value, 0, 1 + 1e-6f);
                }

                Assert.Equal((height, width, "case"), (result.OriginalHeight, result.OriginalWidth, result.Name));
            },
            iter: 60);
    }

    [Theory]
    [MemberData(nameof(Geometric))]
    public void Mask_moves_with_its_image(string name)
    {
        // The image shows the mask itself, so after one geometry the two agree but for interpolation at the edge.
        FloatImage mask = Samples.Rectangle(48, 64, 10, 14, 20, 30);
        var sample = new Sample("case", mask.Clone(), [mask]);
        for (int seed = 0; seed < 8; seed++)
        {
            Sample result = Catalogue[name].Apply(sample, new SampleRandom(seed, 0, 0));
            ReadOnlySpan<float> image = result.Image.Data;
            FloatImage moved = result.BinaryMask(0);
            int differing = 0;
            for (int i = 0; i < image.Length; i++)
            {
                differing += Math.Abs(image[i] - moved.Data[i]) > 0.5001 ? 1 : 0;
            }

            // Bilinear 0.5 and nearest part by less than a pixel: along at most the contour.
            Assert.InRange(differing, 0, 12);
        }
    }

    [Fact]
    public void Probability_is_the_share_of_samples_that_are_changed()
    {
        var transform = new HorizontalFlip { Probability = 0.3 };
        Sample sample = Samples.Create();
        int changed = Enumerable.Range(0, 4000).Count(i => !ReferenceEquals(sample, transform.Apply(sample, new SampleRandom(5, 0, i))));
        // Binomial with n = 4000, p = 0.3: standard deviation 29; five of them.
        Assert.InRange(changed, 1200 - 145, 1200 + 145);
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Probability_outside_0_to_1_is_refused(double probability) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HorizontalFlip { Probability = probability });
}
