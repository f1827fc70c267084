using System.CommandLine;
using MadgNet.Cli.CommandLine;
using MadgNet.Core.Data;
using MadgNet.Core.Inputs;
using MadgNet.Core.Training.Recipes;

namespace MadgNet.Cli.Commands;

/// <summary>The options of a training, and the recipe that they come to.</summary>
internal sealed class TrainRecipe
{
    private readonly Option<FileInfo> _config = new("--config")
    {
        Description = "A recipe as JSON, such as the recipe.json of an earlier run; options beside it change it.",
        HelpName = "FILE"
    };
    private readonly Option<int> _batch = CommonOptions.AtLeast(
        new Option<int>("--batch")
        {
            Description = "Images in a step; ResNeSt needs 2 or more.",
            HelpName = "N",
            DefaultValueFactory = _ => 16
        },
        1);
    private readonly Option<long> _seed = new("--seed")
    {
        Description = "Seed of weights, order, augmentation and split.",
        HelpName = "N",
        DefaultValueFactory = _ => 0
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
    private readonly NetworkSettings _network = new();
    private readonly TrainerSettings _trainer = new();
    private readonly AugmentationSettings _augmentation = new();
    private readonly InputOptions _input = new();
    private readonly MaskOptions _reading;

    public TrainRecipe(MaskOptions reading)
    {
        _reading = reading;
        _intensity.AcceptOnlyFromAmong("full", "minmax");
    }

    /// <summary>The options.</summary>
    public IReadOnlyList<Option> Options =>
    [
        _config, _trainer.Epochs, _batch, _augmentation.Size, .. _network.Parts, _seed, .. _network.Origins, _trainer.LearningRate,
        _augmentation.Augmentation, _intensity, .. _input.All, _labels, _names, _values, _skip, .. _trainer.Others,
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
        bool Says(params Option[] options) => config is null || Array.Exists(options, option => CommonOptions.IsGiven(arguments, option));

        recipe = _network.Apply(recipe, arguments, all: config is null);
        if (Says(_labels, _names, _values) || _network.StartsFromFile(arguments))
        {
            recipe = WithLabels(recipe, arguments);
        }

        if (pretrained is not null)
        {
            recipe = pretrained.ApplyTo(recipe);
        }

        if (CommonOptions.IsGiven(arguments, _intensity))
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

        if (Says(_augmentation.Size, _augmentation.Augmentation))
        {
            recipe = _augmentation.Apply(recipe, arguments, all: config is null);
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
        return recipe.WithTrainer(trainer => _trainer.Apply(trainer, arguments, Says));
    }

    /// <summary>The encoder that <c>--pretrained</c> names; null where it is not given.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>The encoder.</returns>
    public PretrainedChoice? Pretrained(ParseResult arguments) => _network.Pretrained(arguments);

    /// <summary>The files that the options name, for the run not to write over them.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>Options with their files; null where one was not given.</returns>
    public IEnumerable<(string Option, string? Path)> Inputs(ParseResult arguments) =>
        [.. _network.Inputs(arguments), ("--config", arguments.GetValue(_config)?.ToString())];

    /// <summary>Labels and where their masks come from; a single one without a name has none in the network either.</summary>
    private Recipe WithLabels(Recipe recipe, ParseResult arguments)
    {
        Labels labels = Labels.From(arguments, _labels, _names, _values);
        bool ofFile = _network.StartsFromFile(arguments);
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
}
