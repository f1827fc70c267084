using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Data;
using MadgNet.Core.Data.Transforms;
using MadgNet.Core.Inputs;
using MadgNet.Core.Models;
using MadgNet.Core.Models.Registry;
using MadgNet.Core.Training;
using MadgNet.Core.Training.Optimization;
using MadgNet.Core.Training.Precision;
using MadgNet.Core.Training.Recipes;
using MadgNet.Core.Weights;

namespace MadgNet.Cli.Commands;

/// <summary>The options of a training, and the recipe that they come to.</summary>
internal sealed class TrainRecipe
{
    private static readonly Dictionary<string, TrainingPrecision> Precisions = new(StringComparer.Ordinal)
    {
        ["float32"] = TrainingPrecision.Float32,
        ["bfloat16"] = TrainingPrecision.BFloat16,
        ["float16"] = TrainingPrecision.Float16,
        ["auto"] = TrainingPrecision.Auto,
    };

    private readonly Option<FileInfo> _config = new("--config")
    {
        Description = "A recipe as JSON, such as the recipe.json of an earlier run; options beside it change it.",
        HelpName = "FILE"
    };
    private readonly Option<int> _epochs = CommonOptions.AtLeast(
        new Option<int>("--epochs")
        {
            Description = "How often the training images are gone through.",
            HelpName = "N",
            DefaultValueFactory = _ => 100
        },
        1);
    private readonly Option<int> _batch = CommonOptions.AtLeast(
        new Option<int>("--batch")
        {
            Description = "Images in a step; ResNeSt needs 2 or more.",
            HelpName = "N",
            DefaultValueFactory = _ => 16
        },
        1);
    private readonly Option<int> _size = new("--size")
    {
        Description = "Side of the square that images are brought to, a multiple of 32.",
        HelpName = "PIXELS",
        DefaultValueFactory = _ => CommonOptions.PublishedSize
    };
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
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of weights, order, augmentation and split.",
        HelpName = "N",
        DefaultValueFactory = _ => 0
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
    private readonly Option<double> _rate = CommonOptions.Above(
        new Option<double>("--learning-rate", "--lr")
        {
            Description = "The first epoch's; it falls to 1e-6 along a cosine.",
            HelpName = "RATE",
            DefaultValueFactory = _ => 1e-4
        },
        0);
    private readonly Option<string> _augmentation = new("--augmentation")
    {
        Description =
            "published (resize, flips, ±5°), strong (also scale, shear, colour, noise), crop (pieces at native scale, flips, ±5°) or none "
                + "(resize).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "published"
    };
    private readonly Option<string> _intensity = new("--intensity")
    {
        Description = "full (the range of the bit depth) or minmax (each image's own range); kept with the weights.",
        HelpName = "NAME",
        DefaultValueFactory = _ => "full"
    };
    private readonly Option<int?> _labels = CommonOptions.Labels("How many labels. [default: 1]");
    private readonly Option<string?> _names = CommonOptions.LabelNames();
    private readonly Option<string?> _values = CommonOptions.LabelValues();
    private readonly Option<bool> _skip = CommonOptions.SkipUnpaired();
    private readonly Option<string> _precision = new("--precision")
    {
        Description = "float32, bfloat16, float16 (CUDA) or auto (the fastest that the device computes in).",
        HelpName = "NAME",
        DefaultValueFactory = _ => "float32"
    };
    private readonly Option<int?> _patience = CommonOptions.AtLeast(
        new Option<int?>("--patience")
        {
            Description = "End the run after so many validations without gain. [default: never]",
            HelpName = "N"
        },
        1);
    private readonly Option<bool> _calibrate = new("--calibrate")
    {
        Description = "Look for the threshold with the best validation Dice, and keep it with the weights."
    };

    private readonly InputOptions _input = new();
    private readonly MaskOptions _reading;

    public TrainRecipe(MaskOptions reading)
    {
        _reading = reading;
        _size.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int side)
                && (side < 32 || side % 32 != 0))
            {
                result.AddError($"--size: received {side}; expected a multiple of 32. Use {CommonOptions.PublishedSize} as published.");
            }
        });
        _model.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.Architectures.Select(entry => entry.Name)]);
        _backbone.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.Encoders.Select(entry => entry.Name)]);
        _attention.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.ChannelAttentions.Select(entry => entry.Name)]);
        _spatial.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.SpatialAttentions.Select(entry => entry.Name)]);
        _subDecoder.AcceptOnlyFromAmong([.. ModelRegistry.BuiltIn.SubDecoders.Select(entry => entry.Name)]);
        _augmentation.AcceptOnlyFromAmong("published", "strong", "crop", "none");
        _intensity.AcceptOnlyFromAmong("full", "minmax");
        _precision.AcceptOnlyFromAmong([.. Precisions.Keys]);
    }

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> Options =>
    [
        _config, _epochs, _batch, _size, _model, _backbone, _attention, _spatial, _subDecoder, _seed, _weights, _encoder, _pretrained,
        _strip, _rate, _augmentation, _intensity, .. _input.All, _labels, _names, _values, _skip, _precision, _patience, _calibrate,
    ];

    /// <summary>The recipe of <c>--config</c>, or the tool's own, with what the options change.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="pretrained">What <c>--pretrained</c> names.</param>
    /// <returns>The recipe.</returns>
    /// <exception cref="MadgNetException">The file of --config or of --weights cannot be used.</exception>
    /// <exception cref="UsageException">Options contradict each other.</exception>
    public Recipe From(ParseResult arguments, PretrainedChoice? pretrained)
    {
        string? config = arguments.GetValue(_config)?.ToString();
        Recipe recipe = config is null ? new Recipe { Name = "madgnet train" } : Recipe.Load(config);

        // Without a file every option counts, with one those that were given.
        bool Says(params Option[] options) => config is null || Array.Exists(options, option => IsGiven(arguments, option));

        recipe = WithNetwork(recipe, arguments, config is null);
        if (Says(_labels, _names, _values) || IsGiven(arguments, _weights))
        {
            recipe = WithLabels(recipe, arguments);
        }

        if (pretrained is not null)
        {
            recipe = WithPretrained(recipe, pretrained);
        }

        if (IsGiven(arguments, _intensity))
        {
            recipe = recipe.WithIntensities(
                arguments.GetValue(_intensity) == "minmax" ? IntensityScaling.MinMax : IntensityScaling.FullRange);
        }

        recipe = recipe.WithInput(_input.Apply(arguments, recipe.Model.Input));
        if (Says(_skip))
        {
            recipe = recipe.WithData(data => data with
            {
                Unpaired = arguments.GetValue(_skip) ? UnpairedFiles.LeaveOut : UnpairedFiles.Refuse,
            });
        }

        if (config is null || _reading.IsGiven(arguments))
        {
            recipe = recipe.WithData(data => _reading.Apply(arguments, data));
        }

        if (Says(_size, _augmentation))
        {
            recipe = WithSizes(recipe, arguments);
        }

        if (_input.IsLetterbox(arguments))
        {
            recipe = recipe.WithInput(input => input with { Fit = ImageFit.Letterbox });
        }

        recipe = recipe with
        {
            Seed = Says(_seed) ? arguments.GetValue(_seed) : recipe.Seed,
            BatchSize = Says(_batch) ? arguments.GetValue(_batch) : recipe.BatchSize,
        };
        return recipe.WithTrainer(trainer => WithOptions(trainer, arguments, Says));
    }

    /// <summary>The encoder that <c>--pretrained</c> names; null where it is not given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The encoder.</returns>
    public PretrainedChoice? Pretrained(ParseResult arguments) =>
        PretrainedChoice.Find(arguments.GetValue(_pretrained), arguments.GetValue(_backbone));

    /// <summary>The files that the options name, for the run not to write over them.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>Options with their files; null where one was not given.</returns>
    public IEnumerable<(string Option, string? Path)> Inputs(ParseResult arguments) =>
    [
        ("--weights", arguments.GetValue(_weights)?.ToString()),
        ("--encoder-weights", arguments.GetValue(_encoder)?.ToString()),
        ("--pretrained", arguments.GetValue(_pretrained)),
        ("--config", arguments.GetValue(_config)?.ToString()),
    ];

    private static bool IsGiven(ParseResult arguments, Option option) => arguments.GetResult(option) is { Implicit: false };

    private TrainerOptions WithOptions(TrainerOptions trainer, ParseResult arguments, Func<Option[], bool> says)
    {
        if (says([_epochs]))
        {
            trainer = trainer with { Epochs = arguments.GetValue(_epochs) };
        }

        if (says([_rate]))
        {
            double rate = arguments.GetValue(_rate);
            trainer = trainer with { Schedule = new CosineAnnealingSchedule(rate, Math.Min(1e-6, rate)) };
        }

        if (says([_precision]))
        {
            TrainingPrecision precision = Precisions[arguments.GetRequiredValue(_precision)];
            trainer = trainer with
            {
                Precision = precision,
                Layout = precision == TrainingPrecision.Float32 ? MemoryLayout.Contiguous : MemoryLayout.Auto,
            };
        }

        if (says([_patience]))
        {
            trainer = trainer with
            {
                EarlyStopping = arguments.GetValue(_patience) is { } patience ? new EarlyStopping { Patience = patience } : null,
            };
        }

        return says([_calibrate]) ? trainer with { CalibrateThreshold = arguments.GetValue(_calibrate) } : trainer;
    }

    /// <summary>The network that the options name, or the one that their weights are of.</summary>
    private Recipe WithNetwork(Recipe recipe, ParseResult arguments, bool all)
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

        if (all || new Option[] { _model, _backbone, _attention, _spatial, _subDecoder }.Any(option => IsGiven(arguments, option)))
        {
            recipe = recipe.WithNetwork(Network(arguments, recipe.Model));
        }

        return encoder is null ? recipe : recipe.WithWeights(encoder, WeightLoadMode.Encoder, prefixes);
    }

    /// <summary>An encoder that has learned before learns at a tenth of the rate, and its normalisations keep their statistics.</summary>
    private static Recipe WithPretrained(Recipe recipe, PretrainedChoice pretrained)
    {
        recipe = pretrained.IsOnnx
            ? recipe with { Model = pretrained.Encoder.ApplyTo(recipe.Model), Weights = null }
            : recipe.WithPretrained(pretrained.Encoder);
        return recipe.WithTrainer(trainer => trainer with
        {
            Optimizer = new AdamOptions { EncoderRateMultiplier = 0.1 },
            FrozenNormalization = FrozenNormalization.Encoder,
        });
    }

    /// <summary>The network that the options ask for; what they leave out is as it was, or usual for another kind.</summary>
    private NetworkOptions Network(ParseResult arguments, NetworkOptions before)
    {
        string kind = IsGiven(arguments, _model) || before is not (MadgNetOptions or UNetOptions)
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

    /// <summary>Labels and where their masks come from; a single one without a name has none in the network either.</summary>
    private Recipe WithLabels(Recipe recipe, ParseResult arguments)
    {
        Labels labels = Labels.From(arguments, _labels, _names, _values);
        bool ofFile = IsGiven(arguments, _weights);
        if (ofFile && recipe.Model.Labels != labels.Count)
        {
            throw new UsageException(new Problem(
                "--labels",
                $"{labels.Count} for weights of {recipe.Model.Labels}",
                $"{recipe.Model.Labels}",
                "Name that many labels, or start from other weights"));
        }

        IReadOnlyList<string> known = recipe.Model.LabelNames;
        bool named = labels.Count > 1 || arguments.GetValue(_names) is not null;
        recipe = recipe.WithLabels(labels.Sources);
        return recipe with
        {
            Model = recipe.Model with
            {
                LabelNames = ofFile && known.Count == labels.Count ? known : named ? labels.Names : [],
            },
        };
    }

    private Recipe WithSizes(Recipe recipe, ParseResult arguments)
    {
        string name = arguments.GetRequiredValue(_augmentation);

        // What weights were trained at stays, unless another size is asked for.
        int? side = IsGiven(arguments, _size) || recipe.Weights is null || recipe.Model.Input.Size is null
            ? arguments.GetValue(_size)
            : null;
        if (name == "crop")
        {
            // Pieces at native scale are no size that whole images are brought to.
            int piece = side ?? arguments.GetValue(_size);
            return recipe.WithSize(null).WithAugmentation(
                new RandomCrop(piece, piece), new HorizontalFlip(), new VerticalFlip(), new RandomRotation(5));
        }

        recipe = side is { } pixels ? recipe.WithSize(pixels) : recipe;
        return IsGiven(arguments, _augmentation) || arguments.GetValue(_config) is null
            ? recipe.WithAugmentation(Augmentation(name))
            : recipe;
    }

    private static SegmentationTransform[] Augmentation(string name) => name switch
    {
        "none" => [],
        "strong" =>
        [
            new HorizontalFlip(),
            new VerticalFlip(),
            new RandomAffine { Degrees = 20, Scale = 1.25, ShearDegrees = 5, Shift = 0.1 },
            new ColorJitter { Brightness = 0.2, Contrast = 0.2, Saturation = 0.2, Hue = 0.02 },
            new RandomGamma(1.5) { Probability = 0.5 },
            new GaussianNoise(0.03) { Probability = 0.5 },
        ],
        _ => [.. PublishedRecipe.Training().Transforms.Skip(1)],
    };

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
