using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Weights;

namespace MadgNet.Cli.Commands;

/// <summary>The options that say which network is trained, and from which weights.</summary>
internal sealed class NetworkSettings
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "The kind of network.",
        HelpName = "NAME",
        DefaultValueFactory = _ => MadgNetModel.ArchitectureName
    };
    private readonly Option<string> _backbone = new("--backbone")
    {
        Description = "The encoder. [default: resnest50 for madgnet, unet for unet]",
        HelpName = "NAME"
    };
    private readonly Option<string> _attention = new("--attention")
    {
        Description = "The channel attention. [default: dct for madgnet, none for unet]",
        HelpName = "NAME"
    };
    private readonly Option<string> _spatial = new("--spatial")
    {
        Description = "The spatial attention. [default: mssa for madgnet, none for unet]",
        HelpName = "NAME"
    };
    private readonly Option<string> _subDecoder = new("--sub-decoder")
    {
        Description = "What predicts the maps. [default: ensemble for madgnet, region for unet]",
        HelpName = "NAME"
    };
    private readonly Option<FileInfo> _weights = CommonOptions.Weights(
        "Start from these weights; the file's configuration goes before --backbone and --labels.");
    private readonly Option<FileInfo> _encoder = new("--encoder-weights")
    {
        Description = "Start with the encoder of this file, for example ImageNet weights in a .pth.",
        HelpName = "FILE"
    };
    private readonly Option<string?> _pretrained = PretrainedChoice.Option();
    private readonly Option<string[]> _strip = new("--strip-prefix")
    {
        Description =
            "A prefix to take off the names in --weights or --encoder-weights; usual ones, such as model. and encoder., need not be "
                + "named. May be given several times.",
        HelpName = "PREFIX",
        DefaultValueFactory = _ => []
    };

    public NetworkSettings()
    {
        _model.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.Architectures.Select(entry => entry.Name)]);
        _backbone.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.Encoders.Select(entry => entry.Name)]);
        _attention.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.ChannelAttentions.Select(entry => entry.Name)]);
        _spatial.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.SpatialAttentions.Select(entry => entry.Name)]);
        _subDecoder.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.SubDecoders.Select(entry => entry.Name)]);
    }

    /// <summary>The options that name the network's parts.</summary>
    public IReadOnlyList<Option> Parts => [_model, _backbone, _attention, _spatial, _subDecoder];

    /// <summary>The options that name weights.</summary>
    public IReadOnlyList<Option> Origins => [_weights, _encoder, _pretrained, _strip];

    /// <summary>Whether <c>--weights</c> is given, whose file knows its network.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>Whether it is.</returns>
    public bool StartsFromFile(ParseResult arguments) => CommonOptions.IsGiven(arguments, _weights);

    /// <summary>The encoder that <c>--pretrained</c> names; null where it is not given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The encoder.</returns>
    public PretrainedChoice? Pretrained(ParseResult arguments) =>
        PretrainedChoice.Find(arguments.GetValue(_pretrained), arguments.GetValue(_backbone));

    /// <summary>The files that the options name.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>Options with their files; null where one was not given.</returns>
    public IEnumerable<(string Option, string? Path)> Inputs(ParseResult arguments) =>
    [
        ("--weights", arguments.GetValue(_weights)?.ToString()),
        ("--encoder-weights", arguments.GetValue(_encoder)?.ToString()),
        ("--pretrained", arguments.GetValue(_pretrained)),
    ];

    /// <summary>A recipe with the network that the options name, or the one that their weights are of.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="all">Whether options that are not given count too.</param>
    /// <returns>The recipe with it.</returns>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public Recipe Apply(Recipe recipe, ParseResult arguments, bool all)
    {
        string? weights = arguments.GetValue(_weights)?.ToString();
        string? encoder = arguments.GetValue(_encoder)?.ToString();
        if (weights is not null && encoder is not null)
        {
            throw new UsageException(new Problem(
                "--encoder-weights", "also --weights, which hold an encoder", "one of the two", "Leave one of them out"));
        }

        string[] prefixes = arguments.GetValue(_strip) ?? [];
        if (arguments.GetValue(_pretrained) is not null && (weights ?? encoder) is not null)
        {
            throw new UsageException(new Problem(
                "--pretrained", "also --weights or --encoder-weights, which hold an encoder", "one of them", "Leave the others out"));
        }

        if (prefixes.Length > 0 && weights is null && encoder is null)
        {
            throw new UsageException(new Problem(
                "--strip-prefix",
                $"'{prefixes[0]}' without weights",
                "--weights or --encoder-weights beside it",
                "Name the file, or leave --strip-prefix out"));
        }

        if (weights is not null)
        {
            // The file knows its network and input.
            NetworkOptions network = NetworkOf(weights, new WeightLoadOptions { StripPrefixes = prefixes });
            return (recipe with { Model = network }).WithInput(network.Input)
                .WithWeights(weights, WeightLoadMode.Everything, prefixes);
        }

        if (all || Parts.Any(option => CommonOptions.IsGiven(arguments, option)))
        {
            recipe = recipe.WithNetwork(Network(arguments, recipe.Model));
        }

        return encoder is null ? recipe : recipe.WithWeights(encoder, WeightLoadMode.Encoder, prefixes);
    }

    /// <summary>The network that the options ask for; what they leave out is as it was, or usual for another kind.</summary>
    private NetworkOptions Network(ParseResult arguments, NetworkOptions before)
    {
        string kind = CommonOptions.IsGiven(arguments, _model) || before is not (MadgNetOptions or UNetOptions)
            ? arguments.GetRequiredValue(_model)
            : before.Architecture;
        if (kind == UNet.ArchitectureName)
        {
            UNetOptions usual = before as UNetOptions ?? new UNetOptions();
            return usual with
            {
                Encoder = arguments.GetValue(_backbone) ?? usual.Encoder,
                ChannelAttention = arguments.GetValue(_attention) ?? usual.ChannelAttention,
                SpatialAttention = arguments.GetValue(_spatial) ?? usual.SpatialAttention,
                SubDecoder = arguments.GetValue(_subDecoder) ?? usual.SubDecoder,
            };
        }

        MadgNetOptions published = before as MadgNetOptions ?? new MadgNetOptions();
        return published with
        {
            Encoder = arguments.GetValue(_backbone) ?? published.Encoder,
            ChannelAttention = arguments.GetValue(_attention) ?? published.ChannelAttention,
            SpatialAttention = arguments.GetValue(_spatial) ?? published.SpatialAttention,
            SubDecoder = arguments.GetValue(_subDecoder) ?? published.SubDecoder,
        };
    }

    /// <summary>The network that a file is of: it knows.</summary>
    private static NetworkOptions NetworkOf(string weights, WeightLoadOptions names)
    {
        using SegmentationModel loaded = SegmentationModel.Load(weights, names: names);
        return loaded switch
        {
            MadgNetModel madgNet => madgNet.Options,
            UNet uNet => uNet.Options,
            _ => throw new UsageException(new Problem(
                "--weights", $"a network of the kind '{loaded.Architecture}'", "madgnet or unet", "Start from other weights")),
        };
    }
}
