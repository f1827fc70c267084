using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Weights;

namespace MadgNet.Core.Models.Registry;

/// <summary>
/// The parts that networks are put together from, by their names: what options and files name is looked up here. A registry does
/// not change: <see cref="With"/> gives another that has more, to be passed to whatever builds or loads.
/// </summary>
/// <example>
/// <code>
/// ModelRegistry registry = ModelRegistry.BuiltIn.With(new EncoderEntry("small", channels => new SmallEncoder(channels)));
/// using var model = new MadgNetModel(new MadgNetOptions { Encoder = "small" }, registry);
/// </code>
/// </example>
public sealed class ModelRegistry
{
    private readonly IReadOnlyList<RegistryEntry> _entries;

    private ModelRegistry(IReadOnlyList<RegistryEntry> entries) => _entries = entries;

    /// <summary>The parts of this library.</summary>
    public static ModelRegistry BuiltIn { get; } = new(
    [
        new EncoderEntry(
            EncoderNames.ResNeSt50, channels => new ResNeStEncoder(channels)) { Description = "ResNeSt-50, the published encoder" },
        new EncoderEntry(
            EncoderNames.ResNet18, channels => new ResNetEncoder(ResNetDepth.ResNet18, channels)) { Description = "ResNet-18" },
        new EncoderEntry(
            EncoderNames.ResNet18Cntk,
            channels => new ResNetEncoder(ResNetDepth.ResNet18Cntk, channels)) { Description = "CNTK's ResNet-18, pretrained weights" },
        new EncoderEntry(
            EncoderNames.ResNet34, channels => new ResNetEncoder(ResNetDepth.ResNet34, channels)) { Description = "ResNet-34" },
        new EncoderEntry(EncoderNames.ResNet50, channels => new ResNetEncoder(channels)) { Description = "ResNet-50" },
        new EncoderEntry(
            EncoderNames.Res2Net50, channels => new Res2NetEncoder(channels)) { Description = "Res2Net-50 v1b, width 26, scale 4" },
        new EncoderEntry(
            EncoderNames.UNet, channels => new UNetEncoder(channels)) { Description = "the contracting path of the classic U-Net" },
        new ChannelAttentionEntry(
            AttentionNames.Cosine,
            context => context.MultiFrequency()) { Description = "multi-frequency channel attention (MFCA), as published" },
        new ChannelAttentionEntry(
            AttentionNames.Haar, context => context.Wavelets(WaveletFilter.Haar)) { Description = "wavelet packets, Haar" },
        new ChannelAttentionEntry(
            AttentionNames.Daubechies2, context => context.Wavelets(WaveletFilter.Daubechies2)) { Description = "wavelet packets, db2" },
        new ChannelAttentionEntry(
            AttentionNames.AveragePooling, context => context.AveragePooling()) { Description = "squeeze and excitation" },
        new ChannelAttentionEntry(AttentionNames.None, _ => null) { Description = "none" },
        new SpatialAttentionEntry(
            AttentionNames.MultiScaleSpatial,
            channels => new MultiScaleSpatialAttention(channels)) { Description = "foreground and background (MSSA), as published" },
        new SpatialAttentionEntry(AttentionNames.None, _ => null) { Description = "none" },
        new SubDecoderEntry(
            SubDecoderNames.Ensemble,
            (channels, labels, upscale) => new EnsembleSubDecoder(channels, labels, upscale))
            {
                Description = "tasks that correct each other (E-SDM), as published"
            },
        new SubDecoderEntry(
            SubDecoderNames.Parallel,
            (channels, labels, upscale) => new ParallelSubDecoder(channels, labels, upscale)) { Description = "three independent heads" },
        new SubDecoderEntry(
            SubDecoderNames.Region,
            (channels, labels, upscale) => new RegionSubDecoder(channels, labels, upscale)) { Description = "the region alone" },
        new ArchitectureEntry(MadgNetModel.ArchitectureName, MadgNetModel.Create) { Description = "MADGNet" },
        new ArchitectureEntry(UNet.ArchitectureName, UNet.Create) { Description = "U-Net" },
    ]);

    /// <summary>The encoders.</summary>
    public IEnumerable<EncoderEntry> Encoders => _entries.OfType<EncoderEntry>();

    /// <summary>The channel attentions.</summary>
    public IEnumerable<ChannelAttentionEntry> ChannelAttentions => _entries.OfType<ChannelAttentionEntry>();

    /// <summary>The spatial attentions.</summary>
    public IEnumerable<SpatialAttentionEntry> SpatialAttentions => _entries.OfType<SpatialAttentionEntry>();

    /// <summary>The sub-decoders.</summary>
    public IEnumerable<SubDecoderEntry> SubDecoders => _entries.OfType<SubDecoderEntry>();

    /// <summary>The kinds of network.</summary>
    public IEnumerable<ArchitectureEntry> Architectures => _entries.OfType<ArchitectureEntry>();

    /// <summary>A registry with further parts. One that is named as a part of its kind is takes that one's place.</summary>
    /// <param name="entries">The parts.</param>
    /// <returns>The registry; this one stays as it is.</returns>
    /// <exception cref="InvalidOptionsException">A name is empty or has other characters than lower case letters, digits, <c>_</c> and
    /// <c>-</c>; lists all such names.</exception>
    public ModelRegistry With(params IReadOnlyList<RegistryEntry> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        InvalidOptionsException.ThrowIfAny(nameof(ModelRegistry), [.. entries.Where(entry => !IsName(entry.Name))
            .Select(entry => new Problem(
            nameof(RegistryEntry.Name),
            $"'{entry.Name}'",
            "lower case letters, digits, '_' and '-', at least one",
            "Rename the part: its name becomes part of files"))]);
        return new ModelRegistry([
            .. _entries.Where(old => !entries.Any(entry => entry.GetType() == old.GetType() && entry.Name == old.Name)),
            .. entries]);
    }

    /// <summary>The part of a kind and name.</summary>
    /// <typeparam name="TEntry">The kind.</typeparam>
    /// <param name="name">The name.</param>
    /// <returns>The part.</returns>
    /// <exception cref="InvalidOptionsException">The registry has none of that name; says which there are.</exception>
    public TEntry Get<TEntry>(string name)
        where TEntry : RegistryEntry
    {
        var problems = new List<Problem>();
        TEntry? entry = Find<TEntry>(problems, typeof(TEntry).Name[..^"Entry".Length], name);
        InvalidOptionsException.ThrowIfAny(nameof(ModelRegistry), problems);
        return entry!;
    }

    /// <summary>The part of a kind and name; null, and a problem more, where there is none.</summary>
    internal TEntry? Find<TEntry>(List<Problem> problems, string subject, string? name)
        where TEntry : RegistryEntry
    {
        TEntry? found = _entries.OfType<TEntry>().FirstOrDefault(entry => entry.Name == name);
        if (found is null)
        {
            string[] names = [.. _entries.OfType<TEntry>().Select(entry => entry.Name)];
            string nearest = name is not null && NearestName.Find(name, names) is { } near ? $"Did you mean '{near}'? " : string.Empty;
            problems.Add(new Problem(
                subject,
                name is null ? "null" : $"'{name}', which the registry lacks",
                string.Join(", ", names),
                $"{nearest}Choose one of them, or pass a registry that has it (ModelRegistry.With)"));
        }

        return found;
    }

    private static bool IsName(string? name) =>
        !string.IsNullOrEmpty(name)
            && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '_' or '-');
}
