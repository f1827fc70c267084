using MadgNet.Core.Inference;
using MadgNet.Core.Inputs;

namespace MadgNet.Core.Tests.Support;

/// <summary>
/// A predictor without libtorch: two convolutions with fixed weights and zeros beyond the edge, and a sigmoid. A pixel sees
/// <see cref="Radius"/> pixels in every direction.
/// </summary>
internal sealed class ConvolutionPredictor : SegmentationPredictor
{
    public const int Radius = 2 * Reach;
    private const int Reach = 2;
    private const int Taps = (2 * Reach) + 1;
    private readonly float[] _first;
    private readonly float[] _second;
    private int _runs;

    public ConvolutionPredictor(PredictorOptions? options = null, NetworkDescription? network = null, int seed = 3)
        : base(network ?? new NetworkDescription { Input = new ModelInput { Channels = 3 }, Labels = 2, Stride = 4 }, options)
    {
        var random = new Random(seed);
        _first = [.. Enumerable.Range(0, Network.InputChannels * Taps * Taps)
            .Select(_ => (float)((random.NextDouble() - 0.5) / Network.InputChannels))];
        _second = [.. Enumerable.Range(0, Network.Labels * Taps * Taps).Select(_ => (float)(2 * (random.NextDouble() - 0.5)))];
    }

    /// <summary>How often the network was run, and what it was run on.</summary>
    public int Runs => _runs;

    public (int Count, int Height, int Width) Largest { get; private set; }

    public Action<int>? OnRun { get; init; }

    protected override void Run(ReadOnlySpan<float> images, int count, int height, int width, Span<float> probabilities)
    {
        int run = Interlocked.Increment(ref _runs);
        OnRun?.Invoke(run);
        if ((long)count * height * width > (long)Largest.Count * Largest.Height * Largest.Width)
        {
            Largest = (count, height, width);
        }

        int plane = height * width;
        Assert.Equal(count * Network.InputChannels * plane, images.Length);
        Assert.Equal(count * Network.Labels * plane, probabilities.Length);
        var hidden = new float[plane];
        for (int i = 0; i < count; i++)
        {
            Array.Clear(hidden);
            for (int c = 0; c < Network.InputChannels; c++)
            {
                Convolve(
                    images.Slice(((i * Network.InputChannels) + c) * plane, plane),
                    height,
                    width,
                    _first.AsSpan(c * Taps * Taps, Taps * Taps),
                    hidden);
            }

            for (int k = 0; k < plane; k++)
            {
                hidden[k] = MathF.Max(hidden[k], 0);
            }

            for (int label = 0; label < Network.Labels; label++)
            {
                Span<float> result = probabilities.Slice(((i * Network.Labels) + label) * plane, plane);
                result.Clear();
                Convolve(hidden, height, width, _second.AsSpan(label * Taps * Taps, Taps * Taps), result);
                for (int k = 0; k < plane; k++)
                {
                    result[k] = 1 / (1 + MathF.Exp(-result[k]));
                }
            }
        }
    }

    private static void Convolve(ReadOnlySpan<float> source, int height, int width, ReadOnlySpan<float> weights, Span<float> target)
    {
        for (int y = 0; y < height; y++)
        {
            for (int v = Math.Max(-Reach, -y); v <= Math.Min(Reach, height - 1 - y); v++)
            {
                for (int u = -Reach; u <= Reach; u++)
                {
                    int from = Math.Max(0, -u);
                    int to = Math.Min(width, width - u);
                    float weight = weights[((v + Reach) * Taps) + u + Reach];
                    for (int x = from; x < to; x++)
                    {
                        target[(y * width) + x] += weight * source[((y + v) * width) + x + u];
                    }
                }
            }
        }
    }
}
