using MadgNet.Core.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Metrics;

/// <summary>One case to evaluate: a prediction of every label and its truth, of the same size.</summary>
public sealed class EvaluationCase
{
    /// <summary>Creates a case.</summary>
    /// <param name="name">The case's name, unique within its set: reports are sorted and paired by it.</param>
    /// <param name="probability">n×H×W probabilities of n labels, 0..1.</param>
    /// <param name="truth">One plane 1×H×W for each label, 0..1; foreground from 0.5 on.</param>
    /// <exception cref="InvalidMapException">There are not as many planes of truth as labels, or the sizes differ.</exception>
    public EvaluationCase(string name, FloatImage probability, IReadOnlyList<FloatImage> truth)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentNullException.ThrowIfNull(truth);
        if (truth.Count != probability.Channels
            || truth.Any(plane => plane.Channels != 1 || plane.Height != probability.Height || plane.Width != probability.Width))
        {
            throw new InvalidMapException(new Problem(
                name,
                $"{truth.Count} planes of truth ("
                    + $"{string.Join(", ", truth.Select(plane => $"{plane.Channels}×{plane.Height}×{plane.Width}"))}) for "
                        + $"probabilities of {probability.Channels}×{probability.Height}×{probability.Width}",
                "one plane of the same size for each label",
                "Resize the probabilities to the truth's size, or both to the network's"));
        }

        Name = name;
        Probability = probability;
        Truth = truth;
    }

    /// <summary>Creates a case of which some pixels count for nothing.</summary>
    /// <param name="name">The case's name, unique within its set: reports are sorted and paired by it.</param>
    /// <param name="probability">n×H×W probabilities of n labels, 0..1.</param>
    /// <param name="truth">One plane 1×H×W for each label, 0..1; foreground from 0.5 on.</param>
    /// <param name="ignored">
    /// 1×H×W, 0 where a pixel counts. Metrics of pixels leave the others out; those of shapes and surfaces take them as background of
    /// both maps. Null where all count.
    /// </param>
    /// <exception cref="InvalidMapException">There are not as many planes of truth as labels, or the sizes differ.</exception>
    public EvaluationCase(string name, FloatImage probability, IReadOnlyList<FloatImage> truth, FloatImage? ignored)
        : this(name, probability, truth)
    {
        if (ignored is null)
        {
            return;
        }

        if (ignored.Channels != 1 || ignored.Height != probability.Height || ignored.Width != probability.Width)
        {
            throw new InvalidMapException(new Problem(
                name,
                $"ignored pixels of {ignored.Channels}×{ignored.Height}×{ignored.Width}",
                $"1×{probability.Height}×{probability.Width}",
                "Resize them to the probabilities, by nearest neighbour"));
        }

        Ignored = ignored;
        Probability = Blank(probability, ignored);
        Truth = [.. truth.Select(plane => Blank(plane, ignored))];
    }

    /// <summary>The case's name.</summary>
    public string Name { get; }

    /// <summary>n×H×W probabilities.</summary>
    public FloatImage Probability { get; }

    /// <summary>One plane of truth for each label.</summary>
    public IReadOnlyList<FloatImage> Truth { get; }

    /// <summary>1×H×W, 0 where a pixel counts; null where all do. Probability and truth are 0 where it does not.</summary>
    public FloatImage? Ignored { get; }

    /// <summary>What several cases have in common that makes them depend on each other, usually the patient; null where the case
    /// stands alone.</summary>
    public string? Group { get; init; }

    /// <summary>Size of the case's pixels; that of the metric options where null.</summary>
    public PixelSpacing? Spacing { get; init; }

    /// <summary>Creates a case from tensors.</summary>
    /// <param name="name">The case's name, unique within its set.</param>
    /// <param name="probability">n×H×W probabilities, 0..1, on any device.</param>
    /// <param name="truth">n×H×W truth, 0..1 of any type, on any device.</param>
    /// <returns>The case. The tensors stay the caller's.</returns>
    /// <exception cref="InvalidMapException">The tensors do not have three dimensions, their shapes differ, or one is complex or
    /// sparse.</exception>
    public static EvaluationCase FromTensors(string name, Tensor probability, Tensor truth) =>
        FromTensors(name, probability, truth, null);

    /// <summary>Creates a case of which some pixels count for nothing from tensors.</summary>
    /// <param name="name">The case's name, unique within its set.</param>
    /// <param name="probability">n×H×W probabilities, 0..1, on any device.</param>
    /// <param name="truth">n×H×W truth, 0..1 of any type, on any device.</param>
    /// <param name="ignored">1×H×W, 0 where a pixel counts; null where all do.</param>
    /// <returns>The case. The tensors stay the caller's.</returns>
    /// <exception cref="InvalidMapException">The tensors do not have three dimensions, their shapes differ, or one is complex or
    /// sparse.</exception>
    public static EvaluationCase FromTensors(string name, Tensor probability, Tensor truth, Tensor? ignored)
    {
        ArgumentNullException.ThrowIfNull(probability);
        ArgumentNullException.ThrowIfNull(truth);
        if (probability.dim() != 3 || !truth.shape.AsSpan().SequenceEqual(probability.shape))
        {
            throw new InvalidMapException(new Problem(
                name,
                $"shape [{string.Join(", ", probability.shape)}] for a truth of shape [{string.Join(", ", truth.shape)}]",
                "labels × height × width for both",
                "Take one image of the batch, and resize it to its truth"));
        }

        foreach (Tensor map in (Tensor[])[probability, truth])
        {
            if (map.is_complex() || map.is_sparse)
            {
                throw new InvalidMapException(new Problem(
                    name, $"a {(map.is_sparse ? "sparse " : "")}tensor of {map.dtype}", "dense tensors of real numbers or truths", "Convert prediction and truth first"));
            }
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor masks = truth.detach().to(ScalarType.Float32);
        FloatImage[] planes = [.. Enumerable.Range(0, (int)truth.size(0))
            .Select(label => FloatImage.FromTensor(masks.narrow(0, label, 1)))];
        return new EvaluationCase(
            name,
            FloatImage.FromTensor(probability.detach().to(ScalarType.Float32)),
            planes,
            ignored is null ? null : FloatImage.FromTensor(ignored.detach().to(ScalarType.Float32)));
    }

    private static FloatImage Blank(FloatImage map, FloatImage ignored)
    {
        FloatImage blank = map.Clone();
        ReadOnlySpan<float> left = ignored.Data;
        for (int c = 0; c < blank.Channels; c++)
        {
            Span<float> plane = blank.Plane(c);
            for (int i = 0; i < plane.Length; i++)
            {
                plane[i] = left[i] == 0 ? plane[i] : 0;
            }
        }

        return blank;
    }
}
