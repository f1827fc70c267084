using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Attention;
using MadgNet.Core.Modules.Decoding;
using MadgNet.Core.Modules.Encoders;
using MadgNet.Core.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MadgNet.Core.Models;

/// <summary>Reads a network's options off the names, shapes and DCT constants of a file that the authors' code saved.</summary>
internal sealed class OptionsInference
{
    private const string Attention = DecoderStage.AttentionName;
    private readonly WeightArchive _archive;
    private readonly Dictionary<string, string> _storedNames;

    private OptionsInference(WeightArchive archive, WeightLoadOptions? options)
    {
        _archive = archive;

        // Constants are no weights, but here they tell the frequencies.
        RenamedSources renamed = RenamedSources.Of(
            archive, options ?? new WeightLoadOptions(), MadgNetNames.IsOfNetwork, keepConstants: true);
        _storedNames = renamed.Tensors.ToDictionary(pair => pair.Key, pair => pair.Value.Name, StringComparer.Ordinal);
        if (!_storedNames.Keys.Any(MadgNetNames.IsOfNetwork)
            && ForeignNames.SuggestPrefix([.. _storedNames.Keys], MadgNetNames.IsOfNetwork) is { } prefix)
        {
            throw new InvalidOptionsException(nameof(MadgNetModel), [new Problem(
                archive.Path,
                $"a network whose names begin with '{prefix}'",
                $"names that begin as the authors' do, such as '{MadgNetNames.EncoderPrefix}'",
                $"Take the prefix off with WeightLoadOptions.StripPrefixes (--strip-prefix {prefix} in the tool)")]);
        }
    }

    /// <summary>The options; throws where the file does not hold a MADGNet of the authors' code.</summary>
    public static MadgNetOptions FromNames(WeightArchive archive, WeightLoadOptions? names = null) =>
        new OptionsInference(archive, names).Infer();

    /// <summary>
    /// Compares options that a file claims with the shapes of its tensors, so that no memory is asked for that the file
    /// merely claims. Throws with all that differ.
    /// </summary>
    public static void Check(MadgNetOptions options, WeightArchive archive, WeightLoadOptions? names = null) =>
        new OptionsInference(archive, names).Check(options);

    private void Check(MadgNetOptions options)
    {
        var problems = new List<Problem>();
        int stages = options.DecoderChannels.Count;
        Compare($"{MadgNetNames.SubDecoder}{stages}.{SubDecoder.RegionHeadName}.weight", 0, nameof(MadgNetOptions.Labels), options.Labels);
        Compare($"{MadgNetNames.SkipConnection}1.0.weight", 0, nameof(MadgNetOptions.SkipChannels), options.SkipChannels);
        if (ModelRegistry.BuiltIn.Encoders.Any(entry => entry.Name == options.Encoder))
        {
            Compare(Stem(options.Encoder), 1, nameof(ModelInput.Channels), options.Input.Channels == 1 ? 3 : options.Input.Channels);
        }

        for (int stage = 1; stage <= stages; stage++)
        {
            int channels = options.DecoderChannels[stage - 1];
            Compare($"{MadgNetNames.DecoderStage}{stage}.conv1.0.weight", 0, nameof(MadgNetOptions.DecoderChannels), channels);
            for (int scale = 0; scale < options.Attention.Scales; scale++)
            {
                int width = Math.Max(channels >> scale, options.Attention.MinimumChannels);
                Compare(
                    $"{Block(stage)}.{MultiFrequencyMultiScaleNames.Branches}.{scale}.3.weight",
                    0,
                    nameof(MultiFrequencyMultiScaleOptions.MinimumChannels),
                    width);
            }
        }

        InvalidOptionsException.ThrowIfAny(nameof(MadgNetModel), problems);

        void Compare(string name, int axis, string option, long claimed)
        {
            long? stored = _storedNames.TryGetValue(name, out string? key) && _archive.Tensors[key].Shape is { } shape && shape.Count > axis
                ? shape[axis]
                : null;
            if (stored != claimed)
            {
                problems.Add(new Problem(
                    $"{_archive.Path}, {option}",
                    stored is null
                        ? $"options that ask for a tensor '{name}', which the file lacks"
                        : $"options that ask for {claimed} where the file's '{name}' has {stored}",
                    "options that fit the file's own tensors",
                    "The file is damaged or was changed: save the model again"));
            }
        }
    }

    private MadgNetOptions Infer()
    {
        string encoder = InferEncoder();
        int stages = Count(i => $"{MadgNetNames.DecoderStage}{i + 1}.conv1.0.weight");
        int[] channels = [.. Enumerable.Range(1, stages).Select(i => (int)Shape($"{MadgNetNames.DecoderStage}{i}.conv1.0.weight")[0])];
        int scales = Count(s => $"{Block(1)}.{MultiFrequencyMultiScaleNames.Branches}.{s}.3.weight");
        int frequencies = Count(f => DctName(1, f));
        bool channelAttention = _storedNames.ContainsKey($"{Block(1)}.{MultiFrequencyMultiScaleNames.ChannelAttention}.0.0.fc.0.weight");
        if (stages == 0 || scales == 0 || (channelAttention && frequencies == 0))
        {
            throw Unknown("tensors that do not tell the number of stages, scales or frequencies");
        }

        var options = new MadgNetOptions
        {
            Encoder = encoder,
            Input = new ModelInput { Channels = (int)Shape(Stem(encoder))[1] },
            Labels = (int)Shape($"{MadgNetNames.SubDecoder}{stages}.{SubDecoder.RegionHeadName}.weight")[0],
            SkipChannels = (int)Shape($"{MadgNetNames.SkipConnection}1.0.weight")[0],
            DecoderChannels = channels,
            DctSizes = frequencies == 0 ? [] : [.. Enumerable.Range(1, stages).Select(i => (int)Shape(DctName(i, 0))[^1])],
            Attention = new MultiFrequencyMultiScaleOptions
            {
                Scales = scales,
                Frequencies = frequencies,
                SpatialAttention = _storedNames.ContainsKey($"{Block(1)}.alpha_list.0"),
                MinimumChannels = InferMinChannels(channels, scales),
            },
        };
        int[] published = [.. channels.Select(width => MultiFrequencyMultiScaleOptions.PublishedDctSize(width))];
        if (options.DctSizes.SequenceEqual(published))
        {
            options = options with { DctSizes = [] };
        }

        return frequencies == 0 ? options : options with { Attention = options.Attention with { Selection = InferSelection(frequencies) } };
    }

    private string InferEncoder()
    {
        const string Block = MadgNetNames.EncoderPrefix + "layer1.0.";
        if (_storedNames.ContainsKey(Block + "conv2.conv.weight"))
        {
            return EncoderNames.ResNeSt50;
        }

        if (_storedNames.ContainsKey(Block + "convs.0.weight"))
        {
            return EncoderNames.Res2Net50;
        }

        return _storedNames.ContainsKey(Block + "conv2.weight")
            ? EncoderNames.ResNet50
            : throw Unknown("no tensors of a known encoder");
    }

    /// <summary>
    /// A scale is narrowed to max(C / 2^s, minimum): the narrowest one met is the minimum, or the minimum has no effect below it.
    /// </summary>
    private int InferMinChannels(int[] channels, int scales)
    {
        long least = long.MaxValue;
        for (int stage = 1; stage <= channels.Length; stage++)
        {
            for (int scale = 0; scale < scales; scale++)
            {
                least = Math.Min(least, Shape($"{Block(stage)}.{MultiFrequencyMultiScaleNames.Branches}.{scale}.3.weight")[0]);
            }
        }

        return (int)least;
    }

    private FrequencySelection InferSelection(int frequencies)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] stored = [.. Enumerable.Range(0, frequencies)
            .Select(f => _archive.Load(_storedNames[DctName(1, f)])[0].to(ScalarType.Float32))];
        Tensor constants = stack(stored);
        foreach (FrequencySelection selection in Enum.GetValues<FrequencySelection>())
        {
            using var basis = new DctBasis((int)constants.size(1), frequencies, selection);
            if ((basis.ToTensor() - constants).abs().max().item<float>() < 1e-4)
            {
                return selection;
            }
        }

        throw Unknown("DCT constants of none of the three selections");
    }

    private static string Stem(string encoder) => MadgNetNames.EncoderPrefix + encoder switch
    {
        EncoderNames.ResNet18 or EncoderNames.ResNet18Cntk or EncoderNames.ResNet34 or EncoderNames.ResNet50 => "conv1.weight",
        EncoderNames.UNet => "level1.conv1.weight",
        _ => "conv1.0.weight",
    };

    private string DctName(int stage, int frequency) =>
        $"{Block(stage)}.{MultiFrequencyMultiScaleNames.ChannelAttention}.0.0.{StateDictNames.ConstantPrefix}{frequency}";

    private static string Block(int stage) => $"{MadgNetNames.DecoderStage}{stage}.{Attention}";

    private int Count(Func<int, string> name)
    {
        int count = 0;
        while (_storedNames.ContainsKey(name(count)))
        {
            count++;
        }

        return count;
    }

    private IReadOnlyList<long> Shape(string name)
    {
        if (!_storedNames.TryGetValue(name, out string? stored))
        {
            throw Unknown($"no tensor '{name}'");
        }

        return _archive.Tensors[stored].Shape is { Count: > 0 } shape ? shape : throw Unknown($"a scalar '{name}'");
    }

    private InvalidOptionsException Unknown(string received) => new(nameof(MadgNetModel), [new Problem(
        _archive.Path,
        received,
        $"a file that {nameof(MadgNetModel)}.{nameof(SegmentationModel.Save)} wrote, or a checkpoint of the authors' code with its "
            + $"{StateDictNames.ConstantPrefix}* constants",
        $"Build the model with the options it was trained with and call {nameof(SegmentationModel.LoadWeights)}; for a encoder's file "
            + $"use WeightLoadMode.Encoder")]);
}
