using MadgNet.Core.Inputs;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Modules;
using MadgNet.Core.Modules.Encoders;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace MadgNet.Core.Models;

/// <summary>What networks on an encoder share: making it, and holding it to what it declares.</summary>
internal static class NetworkParts
{
    private const int ImageNetChannels = 3;

    /// <summary>Makes an encoder of a registry.</summary>
    /// <param name="entry">The encoder.</param>
    /// <param name="input">What the network expects of images.</param>
    /// <param name="seed">The seed that its weights follow from, where it has them drawn; null for weights that are to be loaded.</param>
    /// <param name="prefix">What its names begin with in the network.</param>
    public static IEncoder CreateEncoder(EncoderEntry entry, ModelInput input, long? seed, string prefix)
    {
        IEncoder encoder = entry.Create(input.Channels == 1 ? ImageNetChannels : input.Channels);
        if (seed is { } value && entry.DrawsWeights && encoder is Module module)
        {
            WeightInitialization.Apply(module, value, WeightInitializationScheme.NormalFanOut, prefix);
        }

        return encoder;
    }

    /// <summary>What stands against an encoder under its name and input.</summary>
    public static List<Problem> ValidateEncoder(string name, ModelInput input, IEncoder encoder)
    {
        var problems = new List<Problem>();
        if (encoder is not Module)
        {
            problems.Add(new Problem(
                "encoder",
                $"{encoder?.GetType().Name ?? "null"}, which is no torch.nn.Module",
                "a class derived from torch.nn.Module that implements IEncoder",
                "Derive the encoder from torch.nn.Module and register its parameters"));
            if (encoder is null)
            {
                return problems;
            }
        }

        string? own = NameOf(encoder);
        if (own is null ? ModelRegistry.BuiltIn.Encoders.Any(entry => entry.Name == name) : own != name)
        {
            problems.Add(new Problem(
                nameof(MadgNetOptions.Encoder),
                $"{name} with a {encoder.GetType().Name}",
                "the name of the encoder that is passed",
                $"Set Encoder to '{own ?? EncoderNames.Custom}'"));
        }

        if (input.Channels != encoder.InputChannels && !(input.Channels == 1 && encoder.InputChannels == ImageNetChannels))
        {
            problems.Add(new Problem(
                "encoder.InputChannels",
                $"{encoder.InputChannels}",
                $"the options' {input.Channels}",
                "Make the channels of input and encoder equal"));
        }

        foreach ((string list, IReadOnlyList<double> numbers) in ((string, IReadOnlyList<double>)[])
            [(nameof(input.Mean), input.SubtractedMean), (nameof(input.StandardDeviation), input.DividingDeviation)])
        {
            bool imageNet = input.Normalization == InputNormalization.ImageNet;
            if (numbers.Count > 1 && numbers.Count != encoder.InputChannels && !(imageNet && list == nameof(input.Mean)))
            {
                problems.Add(new Problem(
                    "encoder.InputChannels",
                    $"{encoder.InputChannels} with {(imageNet ? "ImageNet normalisation" : $"{numbers.Count} numbers in Input.{list}")}",
                    $"{numbers.Count}, the channels that there are numbers for",
                    imageNet ? "Choose InputNormalization.None or an encoder for three channels" : "Give a number for each channel"));
            }
        }

        if (input.ChannelOrder == ChannelOrder.Bgr && encoder.InputChannels != ImageNetChannels)
        {
            problems.Add(new Problem(
                "encoder.InputChannels",
                $"{encoder.InputChannels} with Input.ChannelOrder Bgr",
                "3, the channels of colours",
                "Choose ChannelOrder.Rgb or an encoder for three channels"));
        }

        return problems;
    }

    /// <summary>What is wrong with the levels that an encoder declares.</summary>
    public static List<Problem> ValidateLevels(IReadOnlyList<FeatureLevel> levels)
    {
        string all = string.Join(", ", levels.Select(level => $"{level.Channels} channels /{level.Stride}"));
        if (levels.Any(level => level.Channels < 1 || level.Stride < 1))
        {
            return [new Problem("encoder.Levels", all, "positive channels and strides", "Declare what Encode returns")];
        }

        return Enumerable.Range(1, Math.Max(0, levels.Count - 1)).Any(i => levels[i].Stride % levels[i - 1].Stride != 0)
            ? [new Problem(
                "encoder.Levels",
                all,
                "strides that rise from the finest level to the deepest, each dividing the next",
                "Order the levels by stride, the finest first")]
            : [];
    }

    /// <summary>Sets the momentum of every batch normalisation, also of those in an encoder of your own.</summary>
    public static void SetMomentum(Module network, double momentum)
    {
        foreach (Module part in network.modules())
        {
            if (part is BatchNormalization own)
            {
                own.Momentum = momentum;
            }
            else if (part is BatchNorm theirs)
            {
                theirs.momentum = momentum;
            }
        }
    }

    /// <summary>The name of an encoder of this library; null for one of your own.</summary>
    private static string? NameOf(IEncoder encoder) => encoder switch
    {
        ResNeStEncoder => EncoderNames.ResNeSt50,
        ResNetEncoder { Depth: ResNetDepth.ResNet18Cntk } => EncoderNames.ResNet18Cntk,
        ResNetEncoder resNet => $"resnet{(int)resNet.Depth}",
        Res2NetEncoder => EncoderNames.Res2Net50,
        UNetEncoder => EncoderNames.UNet,
        _ => null,
    };
}
