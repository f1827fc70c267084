using MadgNet.Core.Foundation;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Data;

/// <summary>
/// Changes a sample: its image, and its masks by the same geometry. A user adds one by deriving from this class and
/// implementing <see cref="Transform"/>.
/// </summary>
/// <remarks>
/// Transforms hold no state that changes and are called from several threads at once. All chance comes from the generator
/// that is handed in, which depends on (seed, epoch, sample) only.
/// </remarks>
public abstract class SegmentationTransform : IDescribed
{
    private readonly double _probability = 1;

    /// <summary>The chance, 0 … 1, that the transform is applied to a sample; default 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside 0 … 1.</exception>
    public double Probability
    {
        get => _probability;
        init
        {
            if (!(value >= 0 && value <= 1))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, $"received a probability of {value}; expected 0 … 1. Use 1 for always.");
            }

            _probability = value;
        }
    }

    /// <summary>Applies the transform with its probability.</summary>
    /// <param name="sample">The sample; it is not changed.</param>
    /// <param name="random">The source of all chance.</param>
    /// <returns>The sample itself where the transform is not applied or changes nothing, another one otherwise.</returns>
    public Sample Apply(Sample sample, Random random)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(random);
        return Probability >= 1 || random.NextDouble() < Probability ? Transform(sample, random) : sample;
    }

    /// <summary>Makes the changed sample.</summary>
    /// <param name="sample">The sample; implementations must not write to it.</param>
    /// <param name="random">The source of all chance: use no other.</param>
    /// <returns>A sample made with <see cref="Sample.With(FloatImage, IReadOnlyList{FloatImage})"/>, or the sample itself.</returns>
    protected abstract Sample Transform(Sample sample, Random random);

    /// <summary>
    /// What the transform is made of, beside its kind and probability: a training is resumed only with the same. One of your own
    /// that has settings overrides this; by default it is described by the plain values of its public properties.
    /// </summary>
    /// <returns>Names and values: numbers, texts, truths, enumerations, other transforms, lists of these.</returns>
    protected virtual IEnumerable<(string Name, object? Value)> Describe() => Description.Properties(this, typeof(SegmentationTransform));

    /// <inheritdoc/>
    IEnumerable<(string Name, object? Value)> IDescribed.Describe() => [.. Describe(), (nameof(Probability), Probability)];
}
