namespace MadgNet.Studies;

/// <summary>Names one cell of a study: one training of one variant from one seed.</summary>
/// <param name="Variant">The variant's name.</param>
/// <param name="Seed">The seed.</param>
public readonly record struct StudyCellKey(string Variant, long Seed)
{
    /// <summary>The cell in words, for example <c>s3, seed 1</c>.</summary>
    /// <returns>Variant and seed.</returns>
    public override string ToString() => FormattableString.Invariant($"{Variant}, seed {Seed}");
}
