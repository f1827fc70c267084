using MadgNet.Core.Imaging;
using MathNet.Numerics;
using MathNet.Numerics.IntegralTransforms;

namespace MadgNet.Core.Data.Transforms;

/// <summary>
/// Mixes the amplitudes of an image's Fourier transform with those of another image and keeps its phases: the structure
/// stays, the look becomes that of another scanner or stain (Xu et al., "A Fourier-based framework for domain
/// generalization", CVPR 2021; restricted to low frequencies as in Yang and Soatto, CVPR 2020). Results are clipped to
/// 0..1; masks stay.
/// </summary>
public sealed class FourierAmplitudeMixing : SegmentationTransform
{
    private readonly IDataset _styles;

    /// <summary>Creates the transform.</summary>
    /// <param name="styles">Where the other images come from; one is chosen at random for each sample. Its masks are not used.</param>
    /// <param name="strength">Largest share of the other image's amplitudes, 0 … 1; the share is drawn from 0 to this. Default 1.</param>
    /// <param name="band">Share of the frequencies, from the lowest on, that is mixed, along each axis, above 0, at most 1; default 1
    /// (all).</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="DatasetException">There are no images to mix with.</exception>
    public FourierAmplitudeMixing(IDataset styles, double strength = 1, double band = 1)
    {
        ArgumentNullException.ThrowIfNull(styles);
        Check.Range(strength, strength is >= 0 and <= 1, "0 … 1", "Use 1 as published");
        Check.Range(band, band is > 0 and <= 1, "above 0, at most 1", "Use 1 as published, or about 0.1 for the coarse look only");
        if (styles.Count == 0)
        {
            throw new DatasetException(new Problem(
                "styles", "a dataset without samples", "at least one image", "Pass the training set itself or images of other sources"));
        }

        _styles = styles;
        Strength = strength;
        Band = band;
    }

    /// <summary>Largest share of the other image's amplitudes.</summary>
    public double Strength { get; }

    /// <summary>Share of the frequencies, from the lowest on, that is mixed.</summary>
    public double Band { get; }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() =>
    [
        (nameof(Strength), Strength),
        (nameof(Band), Band),
        ("Styles", DatasetIdentity.Of(_styles)),
    ];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random)
    {
        FloatImage image = sample.Image;
        FloatImage style = _styles.Load(random.Next(_styles.Count)).Image
            .WithChannels(image.Channels == 1 ? ImageChannels.Gray : ImageChannels.Rgb);
        float share = (float)(random.NextDouble() * Strength);
        if (style.Channels != image.Channels)
        {
            throw new DatasetException(new Problem(
                sample.Name, $"an image of {image.Channels} channels", "1 or 3", "Select the channels before mixing amplitudes"));
        }

        style = ImageResizer.Bilinear(style, image.Height, image.Width);
        FloatImage result = FloatImage.Uninitialized(image.Channels, image.Height, image.Width);
        for (int c = 0; c < image.Channels; c++)
        {
            Mix(image.Plane(c), style.Plane(c), result.Plane(c), image.Height, image.Width, share);
        }

        return sample.With(result);
    }

    private void Mix(ReadOnlySpan<float> image, ReadOnlySpan<float> style, Span<float> result, int height, int width, float share)
    {
        // Both images are real, so one complex transform carries both: z = image + i·style, separated by symmetry.
        var spectrum = new Complex32[image.Length];
        for (int i = 0; i < spectrum.Length; i++)
        {
            spectrum[i] = new Complex32(image[i], style[i]);
        }

        Transform2D(spectrum, height, width, Fourier.Forward);
        var mixed = new Complex32[spectrum.Length];
        for (int y = 0; y < height; y++)
        {
            bool inRows = Math.Min(y, height - y) <= Band * height / 2;
            for (int x = 0; x < width; x++)
            {
                Complex32 here = spectrum[(y * width) + x];
                Complex32 mirrored = spectrum[((height - y) % height * width) + ((width - x) % width)].Conjugate();
                Complex32 own = (here + mirrored) * 0.5f;
                if (inRows && Math.Min(x, width - x) <= Band * width / 2 && own.Magnitude > 0)
                {
                    float other = ((here - mirrored) * 0.5f).Magnitude;
                    own *= 1 - share + (share * other / own.Magnitude);
                }

                mixed[(y * width) + x] = own;
            }
        }

        Transform2D(mixed, height, width, Fourier.Inverse);
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Math.Clamp(mixed[i].Real, 0, 1);
        }
    }

    private static void Transform2D(Complex32[] data, int height, int width, Action<Complex32[], FourierOptions> transform)
    {
        var line = new Complex32[width];
        for (int y = 0; y < height; y++)
        {
            Array.Copy(data, y * width, line, 0, width);
            transform(line, FourierOptions.Default);
            Array.Copy(line, 0, data, y * width, width);
        }

        line = new Complex32[height];
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < height; y++)
            {
                line[y] = data[(y * width) + x];
            }

            transform(line, FourierOptions.Default);
            for (int y = 0; y < height; y++)
            {
                data[(y * width) + x] = line[y];
            }
        }
    }
}
