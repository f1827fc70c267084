using MadgNet.Core.Training.Checkpoints;

namespace MadgNet.Core.Training;

/// <summary>When a run is validated, and when validations say that it ends.</summary>
/// <param name="options">The training's options.</param>
/// <param name="epochs">The epochs that the run has.</param>
/// <param name="validates">Whether there is a validation set.</param>
internal sealed class ValidationPolicy(TrainerOptions options, int epochs, bool validates)
{
    /// <summary>Whether the run has taken all of its optimizer steps, where these are what ends it.</summary>
    public bool StepsReached(RunState state) => options.Steps is { } steps && state.Step >= steps;

    /// <summary>Whether all of it is trained.</summary>
    public bool IsComplete(RunState state) => state.Epoch >= epochs || StepsReached(state);

    /// <summary>Whether too many validations in a row brought nothing.</summary>
    public bool StopsEarly(RunState state) =>
        options.EarlyStopping is { } stopping && state.ValidationsWithoutGain >= stopping.Patience;

    /// <summary>Whether there is nothing left to do. Amid an epoch there always is: its validation, and its record.</summary>
    public bool IsFinished(RunState state) => state.StepInEpoch == 0 && (IsComplete(state) || StopsEarly(state));

    /// <summary>Whether the run is to be validated between two steps.</summary>
    public bool IsDueAtStep(RunState state) =>
        validates
        && options.ValidateEverySteps is { } every
        && state.Step > 0
        && state.Step % every == 0
        && state.ValidatedStep != state.Step;

    /// <summary>Whether the run is to be validated behind the epoch's last step.</summary>
    public bool IsDueAtEpochEnd(RunState state)
    {
        if (!validates || state.ValidatedStep == state.Step)
        {
            return false;
        }

        bool last = state.Epoch + 1 >= epochs || StepsReached(state);
        return last || (options.ValidateEverySteps is null && (state.Epoch + 1) % options.ValidateEvery == 0);
    }
}
