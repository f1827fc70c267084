namespace MadgNet.Core.Data;

/// <summary>Samples that a host already holds in memory.</summary>
public sealed class InMemoryDataset : IDataset
{
    private readonly Sample[] _samples;

    /// <summary>Creates a dataset of samples; every loaded sample is a copy, so these stay what they are.</summary>
    /// <param name="samples">The samples, with unique names.</param>
    /// <param name="labels">The names of the labels; null where they do not matter.</param>
    /// <exception cref="DatasetException">Two samples have the same name.</exception>
    public InMemoryDataset(IEnumerable<Sample> samples, IReadOnlyList<string>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(samples);
        _samples = [.. samples];
        Labels = labels ?? [];
        string? twice = _samples.GroupBy(sample => sample.Name).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new DatasetException(new Problem(
                twice, "two samples of this name", "unique names", "Rename one of them: reports and splits go by name"));
        }
    }

    /// <inheritdoc/>
    public int Count => _samples.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; }

    /// <inheritdoc/>
    public string NameOf(int index) => _samples[index].Name;

    /// <inheritdoc/>
    public Sample Load(int index)
    {
        Sample sample = _samples[index];
        return sample.With(sample.Image.Clone(), [.. sample.Masks.Select(mask => mask.Clone())]);
    }
}
