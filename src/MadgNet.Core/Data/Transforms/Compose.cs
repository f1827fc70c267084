namespace MadgNet.Core.Data.Transforms;

/// <summary>Applies transforms one after another.</summary>
public sealed class Compose : SegmentationTransform
{
    private readonly SegmentationTransform[] _transforms;

    /// <summary>Creates the chain.</summary>
    /// <param name="transforms">The transforms, in the order in which they are applied.</param>
    public Compose(params IReadOnlyList<SegmentationTransform> transforms)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        _transforms = [.. transforms];
        if (_transforms.Contains(null))
        {
            throw new ArgumentNullException(
                nameof(transforms), "received null among the transforms; expected a transform. Leave the entry out.");
        }
    }

    /// <summary>The transforms, in the order in which they are applied.</summary>
    public IReadOnlyList<SegmentationTransform> Transforms => _transforms;

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object? Value)> Describe() => [(nameof(Transforms), Transforms)];

    /// <inheritdoc/>
    protected override Sample Transform(Sample sample, Random random) =>
        _transforms.Aggregate(sample, (current, transform) => transform.Apply(current, random));
}
